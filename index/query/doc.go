// Package query is the query language of the index: it parses a query, says which
// blocks of records can hold matches (Need), and finds the matches in a block (Match).
//
// It works on folded text: lower case, without accents, everything that is neither
// letter nor digit a separator. A word of a query is one token of that text; a
// phrase is a run of tokens, whatever stands between them.
//
// It never touches storage. Invariant: a record that Match finds lies in a block
// that satisfies Need; a property test holds both against a plain evaluator.
package query
