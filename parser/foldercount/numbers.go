package foldercount

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseCount reads an item count. Export-Csv writes plain digits; a spreadsheet that saved the file again may have put group
// separators in. A decimal fraction is no count.
func parseCount(text string) (n int64, ok bool) {
	text = strings.TrimSpace(text)
	if !isPlain(text) {
		if !isGrouped(text) {
			return 0, false
		}
		text = digitsOnly(text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func isPlain(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// isGrouped accepts 1.234.567 with one kind of separator in the right places.
func isGrouped(text string) bool {
	separator := ""
	for _, r := range text {
		if r < '0' || r > '9' {
			separator = string(r)
			break
		}
	}
	if separator == "" || !strings.Contains(".,'\u2019 \u00A0\u202F", separator) {
		return false
	}
	for i, group := range strings.Split(text, separator) {
		if !isPlain(group) || i == 0 && len(group) > 3 || i > 0 && len(group) != 3 {
			return false
		}
	}
	return true
}

func digitsOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// parseSize reads "1.205 MB (1,263,616 bytes)" as Exchange writes it, in any language, or a plain number of bytes.
func parseSize(text string) (bytes int64, ok bool) {
	if _, inside, found := strings.Cut(text, "("); found {
		inside, _, _ = strings.Cut(inside, ")")
		number := strings.TrimSpace(strings.TrimRight(inside, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return parseCount(number)
	}
	return parseCount(text)
}

// parseTime reads a time where day and month cannot be mixed up: ISO, dates with dots (day first), and dates with slashes when
// AM/PM says that they are American or one of the numbers is above 12. The zone is not told; the result is marked as UTC only
// because a time needs one.
func parseTime(text string) (t time.Time, ok bool) {
	layouts := []string{
		time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		"02.01.2006 15:04:05", "2.1.2006 15:04:05", "02.01.2006 15:04", "2.1.2006 15:04", "2.1.2006",
		"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM",
	}
	if m := regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/\d{4}`).FindStringSubmatch(text); m != nil {
		first, _ := strconv.Atoi(m[1])
		second, _ := strconv.Atoi(m[2])
		switch {
		case first > 12:
			layouts = []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006"}
		case second > 12:
			layouts = append(layouts, "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006")
		}
	}
	text = strings.ReplaceAll(text, "\u202F", " ") // newer Windows sets this before AM and PM
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
