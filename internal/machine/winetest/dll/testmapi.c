/* testmapi.dll: a small Extended MAPI subsystem for tests, without Outlook.
 *
 * It exports what the system's mapi32.dll forwards to, and implements IProfAdmin,
 * IMsgServiceAdmin(2) and IMAPITable with the vtable order of mapix.h and mapidefs.h.
 * Own code: all types are minimal declarations written for this file.
 *
 * Its state is the registry, so that several processes of both bitnesses share it:
 *
 *   HKCU\Software\Microsoft\Office\16.0\Outlook
 *       DefaultProfile  REG_SZ
 *   ...\Profiles\<profile>\9207f3e0a3b11019908b08002b2a56c2
 *       01023d0e        UIDs of the services, 16 bytes each, in order
 *   ...\Profiles\<profile>\<service UID>
 *       001f3d09        service name
 *       001f3001        display name; further values as ConfigureMsgService sets them
 *
 * DeleteMsgService also removes the provider sections that the service section lists.
 *
 * A test steers it by:
 *
 *   HKCU\Software\TestMAPI
 *       LogFile         REG_SZ: a line for every call is appended to this file
 *       ErrorText       REG_SZ: what GetLastError of any object says
 *       CacheFiles      REG_SZ or REG_MULTI_SZ: DeleteMsgService deletes them first,
 *                       and returns MAPI_E_BUSY if one of them is held
 *   HKCU\Software\TestMAPI\Fail
 *       <method>        REG_DWORD: the HRESULT that the method returns
 *       <method>.after  REG_DWORD: so many calls of this process succeed before that
 *       <method>.wait   REG_DWORD: milliseconds that each call takes
 *
 * Methods: MAPIInitialize MAPIAdminProfiles HrQueryAllRows, GetProfileTable
 * SetDefaultProfile AdminServices, QueryInterface GetMsgServiceTable CreateMsgService
 * CreateMsgServiceEx DeleteMsgService ConfigureMsgService, SetColumns GetRowCount QueryRows.
 */
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>

#define OUTLOOK L"Software\\Microsoft\\Office\\16.0\\Outlook"
#define PROFILES OUTLOOK L"\\Profiles"
#define SERVICE_LIST L"9207f3e0a3b11019908b08002b2a56c2"
#define CONTROL L"Software\\TestMAPI"

#define MAPI_E_INTERFACE_NOT_SUPPORTED 0x80004002
#define MAPI_E_NO_SUPPORT 0x80040102
#define MAPI_E_BAD_CHARWIDTH 0x80040103
#define MAPI_E_BUSY 0x8004010B
#define MAPI_E_NOT_FOUND 0x8004010F
#define MAPI_E_LOGON_FAILED 0x80040111
#define MAPI_E_TOO_BIG 0x80040305
#define MAPI_E_NOT_INITIALIZED 0x80040605
#define MAPI_UNICODE 0x80000000

#define PROP_ID(t) ((t) >> 16)
#define PROP_TYPE(t) ((t) & 0xffff)
#define PT_I2 2
#define PT_LONG 3
#define PT_ERROR 10
#define PT_BOOLEAN 11
#define PT_I8 20
#define PT_STRING8 30
#define PT_UNICODE 31
#define PT_SYSTIME 64
#define PT_BINARY 258
#define PR_DISPLAY_NAME 0x3001
#define PR_RESOURCE_FLAGS 0x3009
#define PR_DEFAULT_PROFILE 0x3D04
#define PR_SERVICE_UID 0x3D0C

typedef struct { BYTE ab[16]; } MAPIUID;
typedef struct { ULONG cb; BYTE *lpb; } SBinary;
typedef struct {
    ULONG tag, pad;
    union { LONG l; LONG err; unsigned short b; char *a; WCHAR *w; SBinary bin; LONGLONG li; } v;
} SPropValue;
typedef struct { ULONG pad, n; SPropValue *props; } SRow;
typedef struct { ULONG n; SRow rows[1]; } SRowSet;
typedef struct { ULONG n; ULONG tags[1]; } SPropTagArray;

static LONG initialized;

/* ---- control by the test ---- */

static void logf_(const char *fmt, ...)
{
    WCHAR path[MAX_PATH];
    DWORD size = sizeof path, done;
    char line[1024];
    va_list ap;
    HANDLE h;
    int n;

    if (RegGetValueW(HKEY_CURRENT_USER, CONTROL, L"LogFile", RRF_RT_REG_SZ, NULL, path, &size)) return;
    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line - 2, fmt, ap);
    va_end(ap);
    if (n < 0) return;
    if (n > (int)sizeof line - 3) n = sizeof line - 3;
    line[n++] = '\r';
    line[n++] = '\n';
    h = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
    if (h == INVALID_HANDLE_VALUE) return;
    WriteFile(h, line, n, &done, NULL);
    CloseHandle(h);
}

static DWORD control(const char *method, const char *suffix)
{
    DWORD v = 0, size = sizeof v;
    char name[64];

    snprintf(name, sizeof name, "%s%s", method, suffix);
    RegGetValueA(HKEY_CURRENT_USER, "Software\\TestMAPI\\Fail", name, RRF_RT_REG_DWORD, NULL, &v, &size);
    return v;
}

/* the result that the test wants of this call, else 0; MAPI runs on one thread */
static HRESULT injected(const char *method)
{
    static struct { const char *method; DWORD calls; } seen[32];
    HRESULT hr = control(method, "");
    DWORD wait = control(method, ".wait");
    int i;

    if (wait) logf_("%s waits", method);
    Sleep(wait);
    for (i = 0; i < 31 && seen[i].method && strcmp(seen[i].method, method); i++);
    seen[i].method = method;
    if (!hr) { seen[i].calls = 0; return S_OK; }
    if (seen[i].calls++ < control(method, ".after")) return S_OK;
    logf_("%s -> %08lx (injected)", method, hr);
    return hr;
}

#define ENTER(method) do { HRESULT hr_ = injected(method); if (hr_) return hr_; } while (0)

/* ---- profile sections ---- */

typedef struct { ULONG n; MAPIUID uid[64]; } uidlist;

static WCHAR *sectionpath(WCHAR *out, const WCHAR *profile, const WCHAR *section)
{
    wsprintfW(out, section ? PROFILES L"\\%s\\%s" : PROFILES L"\\%s", profile, section);
    return out;
}

static WCHAR *uidhex(const MAPIUID *uid, WCHAR *out)
{
    int i;
    for (i = 0; i < 16; i++) wsprintfW(out + 2 * i, L"%02x", uid->ab[i]);
    return out;
}

static void getlist(uidlist *l, const WCHAR *profile, const WCHAR *section, const WCHAR *value)
{
    DWORD size = sizeof l->uid;
    WCHAR path[600];

    sectionpath(path, profile, section);
    l->n = RegGetValueW(HKEY_CURRENT_USER, path, value, RRF_RT_REG_BINARY, NULL, l->uid, &size) ? 0 : size / 16;
}

static LONG putlist(const uidlist *l, const WCHAR *profile, const WCHAR *value)
{
    WCHAR path[600];
    return RegSetKeyValueW(HKEY_CURRENT_USER, sectionpath(path, profile, SERVICE_LIST), value, REG_BINARY, l->uid, 16 * l->n);
}

static int indexof(const uidlist *l, const MAPIUID *uid)
{
    ULONG i;
    for (i = 0; i < l->n; i++) if (!memcmp(&l->uid[i], uid, 16)) return i;
    return -1;
}

static void unlist(const WCHAR *profile, const WCHAR *value, const MAPIUID *uid)
{
    uidlist l;
    int i;

    getlist(&l, profile, SERVICE_LIST, value);
    if ((i = indexof(&l, uid)) < 0) return;
    memmove(&l.uid[i], &l.uid[i + 1], 16 * (--l.n - i));
    putlist(&l, profile, value);
}

static void setw(HKEY k, const WCHAR *name, const WCHAR *s)
{
    RegSetValueExW(k, name, 0, REG_BINARY, (const BYTE *)s, (lstrlenW(s) + 1) * 2);
}

/* ---- buffers: each MAPIAllocateBuffer block heads a chain of its MAPIAllocateMore blocks ---- */

typedef struct block { struct block *next; ULONG_PTR magic; } block;
#define MAGIC 0x4d415049

LONG WINAPI MAPIAllocateBuffer(ULONG cb, void **out)
{
    block *b = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *b + cb);
    if (!b) return E_OUTOFMEMORY;
    b->magic = MAGIC;
    *out = b + 1;
    return S_OK;
}

LONG WINAPI MAPIAllocateMore(ULONG cb, void *obj, void **out)
{
    block *head = (block *)obj - 1, *b;
    LONG r = MAPIAllocateBuffer(cb, out);
    if (r) return r;
    b = (block *)*out - 1;
    b->next = head->next;
    head->next = b;
    return S_OK;
}

ULONG WINAPI MAPIFreeBuffer(void *p)
{
    block *b, *next;
    if (!p) return 0;
    b = (block *)p - 1;
    if (b->magic != MAGIC) { logf_("MAPIFreeBuffer of a foreign pointer"); return E_INVALIDARG; }
    for (; b; b = next) { next = b->next; b->magic = 0; HeapFree(GetProcessHeap(), 0, b); }
    return 0;
}

/* ---- objects ---- */

enum { PROFILE_ADMIN, SERVICE_ADMIN, PROFILE_TABLE, SERVICE_TABLE };

typedef struct obj {
    void **vtbl;
    LONG refs;
    int kind;
    WCHAR profile[256]; /* SERVICE_ADMIN, SERVICE_TABLE */
    DWORD pos;          /* tables */
    SPropTagArray *cols;
} obj;

static obj *newobj(void **vtbl, int kind, const WCHAR *profile)
{
    obj *o = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *o);
    if (!o) return NULL;
    o->vtbl = vtbl;
    o->refs = 1;
    o->kind = kind;
    lstrcpynW(o->profile, profile, 256);
    return o;
}

static HRESULT WINAPI QueryInterface(obj *o, const GUID *iid, void **out)
{
    DWORD id = iid->Data1;
    int ok = id == 0 || (o->kind == PROFILE_ADMIN && id == 0x2031C) ||
             (o->kind == SERVICE_ADMIN && (id == 0x2031D || id == 0x20387)) || (o->kind >= PROFILE_TABLE && id == 0x20301);

    *out = NULL;
    ENTER("QueryInterface");
    logf_("QueryInterface(%08lx) -> %s", id, ok ? "0" : "not supported");
    if (!ok) return MAPI_E_INTERFACE_NOT_SUPPORTED;
    InterlockedIncrement(&o->refs);
    *out = o;
    return S_OK;
}

static ULONG WINAPI AddRef(obj *o) { return InterlockedIncrement(&o->refs); }

static ULONG WINAPI Release(obj *o)
{
    LONG n = InterlockedDecrement(&o->refs);
    if (n == 0) { MAPIFreeBuffer(o->cols); HeapFree(GetProcessHeap(), 0, o); }
    return n;
}

typedef struct { ULONG version; char *text, *component; ULONG low, context; } MAPIERROR;

/* says ErrorText, if the test has set it */
static HRESULT WINAPI GetLastErr(obj *o, HRESULT hr, ULONG flags, MAPIERROR **out)
{
    char text[512];
    DWORD size = sizeof text;

    (void)o; (void)hr;
    *out = NULL;
    if (flags & MAPI_UNICODE) return MAPI_E_BAD_CHARWIDTH;
    if (RegGetValueA(HKEY_CURRENT_USER, "Software\\TestMAPI", "ErrorText", RRF_RT_REG_SZ, NULL, text, &size)) return S_OK;
    MAPIAllocateBuffer(sizeof **out, (void **)out);
    MAPIAllocateMore(size, *out, (void **)&(*out)->text);
    memcpy((*out)->text, text, size);
    (*out)->component = (*out)->text + size - 1; /* empty */
    (*out)->low = 5;
    return S_OK;
}

/* A method that is not made: on x86 the callee removes the arguments, so their number must be right. */
#define STUB(n, ...) static HRESULT WINAPI n(obj *o, ##__VA_ARGS__)
#define P ULONG_PTR
STUB(no0) { (void)o; return MAPI_E_NO_SUPPORT; }
STUB(no1, P a) { (void)o; (void)a; return MAPI_E_NO_SUPPORT; }
STUB(no2, P a, P b) { (void)o; (void)a; (void)b; return MAPI_E_NO_SUPPORT; }
STUB(no3, P a, P b, P c) { (void)o; (void)a; (void)b; (void)c; return MAPI_E_NO_SUPPORT; }
STUB(no4, P a, P b, P c, P d) { (void)o; (void)a; (void)b; (void)c; (void)d; return MAPI_E_NO_SUPPORT; }
STUB(no5, P a, P b, P c, P d, P e) { (void)o; (void)a; (void)b; (void)c; (void)d; (void)e; return MAPI_E_NO_SUPPORT; }
STUB(no6, P a, P b, P c, P d, P e, P f) { (void)o; (void)a; (void)b; (void)c; (void)d; (void)e; (void)f; return MAPI_E_NO_SUPPORT; }
STUB(no7, P a, P b, P c, P d, P e, P f, P g) { (void)o; (void)a; (void)b; (void)c; (void)d; (void)e; (void)f; (void)g; return MAPI_E_NO_SUPPORT; }

/* ---- IMAPITable ---- */

typedef struct { WCHAR name[256]; MAPIUID uid; HKEY key; } source; /* of a row: a profile or a service */

/* opens row number index; a service that is listed but has no section is a row with a NULL key */
static int openrow(obj *o, DWORD index, source *s)
{
    WCHAR path[600], hex[40];
    DWORD n = 256;
    uidlist l;

    s->key = NULL;
    if (o->kind == SERVICE_TABLE) {
        getlist(&l, o->profile, SERVICE_LIST, L"01023d0e");
        if (index >= l.n) return 0;
        s->uid = l.uid[index];
        sectionpath(path, o->profile, uidhex(&s->uid, hex));
    } else {
        HKEY root;
        LONG r;
        if (RegOpenKeyExW(HKEY_CURRENT_USER, PROFILES, 0, KEY_READ, &root)) return 0;
        r = RegEnumKeyExW(root, index, s->name, &n, NULL, NULL, NULL, NULL);
        RegCloseKey(root);
        if (r) return 0;
        sectionpath(path, s->name, NULL);
    }
    if (RegOpenKeyExW(HKEY_CURRENT_USER, path, 0, KEY_READ, &s->key)) s->key = NULL;
    return 1;
}

static int isdefault(const WCHAR *profile)
{
    WCHAR name[256];
    DWORD size = sizeof name;
    return !RegGetValueW(HKEY_CURRENT_USER, OUTLOOK, L"DefaultProfile", RRF_RT_REG_SZ, NULL, name, &size) && !lstrcmpiW(name, profile);
}

static void fill(obj *o, void *mem, SPropValue *v, ULONG tag, source *s)
{
    ULONG type = PROP_TYPE(tag), id = PROP_ID(tag);
    BYTE buf[4096] = {0};
    DWORD size = sizeof buf - 2;
    WCHAR value[16];

    v->tag = tag;
    if (o->kind == PROFILE_TABLE && id == PR_DEFAULT_PROFILE && type == PT_BOOLEAN) {
        v->v.b = isdefault(s->name);
        return;
    }
    if (o->kind == PROFILE_TABLE && id == PR_DISPLAY_NAME) {
        size = (lstrlenW(s->name) + 1) * 2;
        memcpy(buf, s->name, size);
    } else if (o->kind == SERVICE_TABLE && id == PR_SERVICE_UID) {
        size = 16;
        memcpy(buf, &s->uid, size);
    } else {
        wsprintfW(value, L"%04x%04x", type == PT_STRING8 ? PT_UNICODE : type, id);
        if (!s->key || RegQueryValueExW(s->key, value, NULL, NULL, buf, &size)) {
            if (s->key && id == PR_RESOURCE_FLAGS) { v->v.l = 0; return; }
            v->tag = (id << 16) | PT_ERROR;
            v->v.err = MAPI_E_NOT_FOUND;
            return;
        }
    }
    switch (type) {
    case PT_STRING8:
        MAPIAllocateMore(size + 1, mem, (void **)&v->v.a);
        WideCharToMultiByte(CP_ACP, 0, (WCHAR *)buf, -1, v->v.a, size + 1, NULL, NULL);
        break;
    case PT_UNICODE:
        MAPIAllocateMore(size + 2, mem, (void **)&v->v.w);
        memcpy(v->v.w, buf, size);
        break;
    case PT_BINARY:
        v->v.bin.cb = size;
        MAPIAllocateMore(size, mem, (void **)&v->v.bin.lpb);
        memcpy(v->v.bin.lpb, buf, size);
        break;
    default:
        memcpy(&v->v, buf, 8);
    }
}

static HRESULT WINAPI T_SetColumns(obj *o, const SPropTagArray *cols, ULONG flags)
{
    (void)flags;
    ENTER("SetColumns");
    MAPIFreeBuffer(o->cols);
    MAPIAllocateBuffer(4 + 4 * cols->n, (void **)&o->cols);
    memcpy(o->cols, cols, 4 + 4 * cols->n);
    return S_OK;
}

static ULONG rowsleft(obj *o)
{
    source s;
    ULONG n;
    for (n = 0; openrow(o, o->pos + n, &s); n++) RegCloseKey(s.key);
    return n;
}

static HRESULT WINAPI T_GetRowCount(obj *o, ULONG flags, ULONG *count)
{
    DWORD pos = o->pos;
    (void)flags;
    ENTER("GetRowCount");
    o->pos = 0;
    *count = rowsleft(o);
    o->pos = pos;
    return S_OK;
}

static HRESULT WINAPI T_SeekRow(obj *o, ULONG_PTR bookmark, LONG rows, LONG *sought)
{
    if (bookmark == 0) o->pos = rows < 0 ? 0 : rows;
    else if (bookmark == 1) o->pos += rows;
    else return MAPI_E_NO_SUPPORT;
    if (sought) *sought = rows;
    return S_OK;
}

static SRowSet *readrows(obj *o, ULONG want)
{
    static const ULONG service[] = {4, 0x3D0C0102, 0x3D09001E, 0x3001001E, 0x30090003};
    static const ULONG profile[] = {2, 0x3001001E, 0x3D04000B};
    const SPropTagArray *cols = o->cols ? o->cols : (const SPropTagArray *)(o->kind == SERVICE_TABLE ? service : profile);
    ULONG have = rowsleft(o), c;
    SRowSet *set = NULL;
    source s;

    if (want < have) have = want;
    if (MAPIAllocateBuffer(sizeof *set + have * sizeof(SRow), (void **)&set)) return NULL;
    while (set->n < have && openrow(o, o->pos, &s)) {
        SRow *r = &set->rows[set->n++];
        o->pos++;
        MAPIAllocateBuffer(cols->n * sizeof(SPropValue), (void **)&r->props);
        r->n = cols->n;
        for (c = 0; c < cols->n; c++) fill(o, r->props, &r->props[c], cols->tags[c], &s);
        RegCloseKey(s.key);
    }
    return set;
}

static HRESULT WINAPI T_QueryRows(obj *o, LONG want, ULONG flags, SRowSet **out)
{
    (void)flags;
    ENTER("QueryRows");
    if (want < 0) return MAPI_E_NO_SUPPORT; /* backwards */
    if (!(*out = readrows(o, want))) return E_OUTOFMEMORY;
    logf_("QueryRows(%ld) -> %lu rows", want, (*out)->n);
    return S_OK;
}

static void *tableVtbl[] = {
    QueryInterface, AddRef, Release, GetLastErr,
    no3 /*Advise*/, no1 /*Unadvise*/, no2 /*GetStatus*/, T_SetColumns, no2 /*QueryColumns*/, T_GetRowCount,
    T_SeekRow, no2 /*SeekRowApprox*/, no3 /*QueryPosition*/, no3 /*FindRow*/, no2 /*Restrict*/, no1 /*CreateBookmark*/,
    no1 /*FreeBookmark*/, no2 /*SortTable*/, no1 /*QuerySortOrder*/, T_QueryRows, no0 /*Abort*/,
    no6 /*ExpandRow*/, no4 /*CollapseRow*/, no3 /*WaitForCompletion*/, no5 /*GetCollapseState*/, no4 /*SetCollapseState*/,
};

/* ---- IMsgServiceAdmin, IMsgServiceAdmin2 ---- */

static HRESULT WINAPI S_GetMsgServiceTable(obj *o, ULONG flags, obj **out)
{
    (void)flags;
    *out = NULL;
    ENTER("GetMsgServiceTable");
    *out = newobj(tableVtbl, SERVICE_TABLE, o->profile);
    logf_("GetMsgServiceTable -> 0");
    return S_OK;
}

static HRESULT create(obj *o, const char *method, const char *service, const char *display, ULONG flags, MAPIUID *uid)
{
    static LONG serial;
    WCHAR path[600], hex[40], w[256];
    LARGE_INTEGER now;
    uidlist l;
    HKEY k;

    if (flags & MAPI_UNICODE) { logf_("%s -> MAPI_E_BAD_CHARWIDTH", method); return MAPI_E_BAD_CHARWIDTH; }
    getlist(&l, o->profile, SERVICE_LIST, L"01023d0e");
    if (l.n == 64) return E_OUTOFMEMORY;
    QueryPerformanceCounter(&now);
    memcpy(uid->ab, &now, 8);
    *(DWORD *)(uid->ab + 8) = GetCurrentProcessId();
    *(LONG *)(uid->ab + 12) = InterlockedIncrement(&serial);
    if (RegCreateKeyExW(HKEY_CURRENT_USER, sectionpath(path, o->profile, uidhex(uid, hex)), 0, NULL, 0, KEY_ALL_ACCESS, NULL, &k, NULL))
        return MAPI_E_NOT_FOUND;
    MultiByteToWideChar(CP_ACP, 0, service, -1, w, 256);
    setw(k, L"001f3d09", w);
    MultiByteToWideChar(CP_ACP, 0, display ? display : service, -1, w, 256);
    setw(k, L"001f3001", w);
    RegCloseKey(k);
    l.uid[l.n++] = *uid;
    putlist(&l, o->profile, L"01023d0e");
    logf_("%s(%s, %s) -> %ls", method, service, display ? display : "(null)", hex);
    return S_OK;
}

static HRESULT WINAPI S_CreateMsgService(obj *o, const char *service, const char *display, ULONG_PTR ui, ULONG flags)
{
    MAPIUID uid;
    (void)ui;
    ENTER("CreateMsgService");
    return create(o, "CreateMsgService", service, display, flags, &uid);
}

static HRESULT WINAPI S_CreateMsgServiceEx(obj *o, const char *service, const char *display, ULONG_PTR ui, ULONG flags, MAPIUID *uid)
{
    (void)ui;
    ENTER("CreateMsgServiceEx");
    return create(o, "CreateMsgServiceEx", service, display, flags, uid);
}

/* deletes the files of CacheFiles; MAPI_E_BUSY at the first one that is held */
static HRESULT deletecache(void)
{
    WCHAR files[8 * MAX_PATH] = {0}, *f;
    DWORD size = sizeof files - 4;

    if (RegGetValueW(HKEY_CURRENT_USER, CONTROL, L"CacheFiles", RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ, NULL, files, &size)) return S_OK;
    for (f = files; *f; f += lstrlenW(f) + 1)
        if (!DeleteFileW(f) && GetLastError() == ERROR_SHARING_VIOLATION) { logf_("%ls is held", f); return MAPI_E_BUSY; }
    return S_OK;
}

static HRESULT WINAPI S_DeleteMsgService(obj *o, const MAPIUID *uid)
{
    static const WCHAR *lists[] = {L"01023d00", L"01023d01", L"01023d02"}; /* store, address book, transport providers */
    WCHAR path[600], hex[40], section[40];
    uidlist services, providers;
    HRESULT hr;
    ULONG i, p;

    ENTER("DeleteMsgService");
    uidhex(uid, hex);
    getlist(&services, o->profile, SERVICE_LIST, L"01023d0e");
    hr = indexof(&services, uid) < 0 ? (HRESULT)MAPI_E_NOT_FOUND : deletecache();
    if (!hr) {
        for (i = 0; i < 3; i++) {
            getlist(&providers, o->profile, hex, lists[i]);
            for (p = 0; p < providers.n; p++) {
                RegDeleteTreeW(HKEY_CURRENT_USER, sectionpath(path, o->profile, uidhex(&providers.uid[p], section)));
                unlist(o->profile, lists[i], &providers.uid[p]);
            }
        }
        RegDeleteTreeW(HKEY_CURRENT_USER, sectionpath(path, o->profile, hex));
        unlist(o->profile, L"01023d0e", uid);
    }
    logf_("DeleteMsgService(%ls) -> %08lx", hex, hr);
    return hr;
}

static HRESULT WINAPI S_ConfigureMsgService(obj *o, const MAPIUID *uid, ULONG_PTR ui, ULONG flags, ULONG n, const SPropValue *v)
{
    WCHAR path[600], hex[40], name[16], w[2048];
    ULONG i;
    HKEY k;

    (void)ui;
    ENTER("ConfigureMsgService");
    sectionpath(path, o->profile, uidhex(uid, hex));
    if (RegOpenKeyExW(HKEY_CURRENT_USER, path, 0, KEY_ALL_ACCESS, &k)) { logf_("ConfigureMsgService(%ls) -> not found", hex); return MAPI_E_NOT_FOUND; }
    for (i = 0; i < n; i++) {
        ULONG type = PROP_TYPE(v[i].tag), id = PROP_ID(v[i].tag);
        wsprintfW(name, L"%04x%04x", type == PT_STRING8 ? PT_UNICODE : type, id);
        switch (type) {
        case PT_STRING8:
            if (!MultiByteToWideChar(CP_ACP, 0, v[i].v.a, -1, w, 2048)) { RegCloseKey(k); return MAPI_E_TOO_BIG; }
            setw(k, name, w);
            break;
        case PT_UNICODE: setw(k, name, v[i].v.w); break;
        case PT_BINARY: RegSetValueExW(k, name, 0, REG_BINARY, v[i].v.bin.lpb, v[i].v.bin.cb); break;
        case PT_I2: case PT_BOOLEAN: RegSetValueExW(k, name, 0, REG_BINARY, (const BYTE *)&v[i].v, 2); break;
        case PT_I8: case PT_SYSTIME: RegSetValueExW(k, name, 0, REG_BINARY, (const BYTE *)&v[i].v, 8); break;
        default: RegSetValueExW(k, name, 0, REG_BINARY, (const BYTE *)&v[i].v, 4); break;
        }
    }
    RegCloseKey(k);
    logf_("ConfigureMsgService(%ls, flags %lx, %lu values) -> 0", hex, flags, n);
    return S_OK;
}

static void *serviceVtbl[] = {
    QueryInterface, AddRef, Release, GetLastErr,
    S_GetMsgServiceTable, S_CreateMsgService, S_DeleteMsgService, no7 /*CopyMsgService*/, no3 /*RenameMsgService*/,
    S_ConfigureMsgService, no4 /*OpenProfileSection*/, no3 /*MsgServiceTransportOrder*/, no3 /*AdminProviders*/,
    no2 /*SetPrimaryIdentity*/, no2 /*GetProviderTable*/, S_CreateMsgServiceEx,
};

/* ---- IProfAdmin ---- */

static HRESULT WINAPI A_GetProfileTable(obj *o, ULONG flags, obj **out)
{
    (void)o; (void)flags;
    *out = NULL;
    ENTER("GetProfileTable");
    *out = newobj(tableVtbl, PROFILE_TABLE, L"");
    logf_("GetProfileTable -> 0");
    return S_OK;
}

static HRESULT findprofile(const char *name, WCHAR *w, const char *method)
{
    WCHAR path[600];
    HKEY k;

    if (!MultiByteToWideChar(CP_ACP, 0, name, -1, w, 256) || RegOpenKeyExW(HKEY_CURRENT_USER, sectionpath(path, w, NULL), 0, KEY_READ, &k)) {
        logf_("%s(%s) -> no such profile", method, name);
        return MAPI_E_LOGON_FAILED;
    }
    RegCloseKey(k);
    return S_OK;
}

static HRESULT WINAPI A_SetDefaultProfile(obj *o, const char *name, ULONG flags)
{
    WCHAR w[256];

    (void)o;
    ENTER("SetDefaultProfile");
    if (flags & MAPI_UNICODE) return MAPI_E_BAD_CHARWIDTH;
    if (findprofile(name, w, "SetDefaultProfile")) return MAPI_E_NOT_FOUND;
    RegSetKeyValueW(HKEY_CURRENT_USER, OUTLOOK, L"DefaultProfile", REG_SZ, w, (lstrlenW(w) + 1) * 2);
    logf_("SetDefaultProfile(%s) -> 0", name);
    return S_OK;
}

static HRESULT WINAPI A_AdminServices(obj *o, const char *name, const char *password, ULONG_PTR ui, ULONG flags, obj **out)
{
    WCHAR w[256];
    HRESULT hr;

    (void)o; (void)password; (void)ui;
    *out = NULL;
    ENTER("AdminServices");
    if (flags & MAPI_UNICODE) { logf_("AdminServices -> MAPI_E_BAD_CHARWIDTH"); return MAPI_E_BAD_CHARWIDTH; }
    if ((hr = findprofile(name, w, "AdminServices"))) return hr;
    *out = newobj(serviceVtbl, SERVICE_ADMIN, w);
    logf_("AdminServices(%s) -> 0", name);
    return S_OK;
}

static void *profVtbl[] = {
    QueryInterface, AddRef, Release, GetLastErr,
    A_GetProfileTable, no4 /*CreateProfile*/, no2 /*DeleteProfile*/, no4 /*ChangeProfilePassword*/, no5 /*CopyProfile*/,
    no5 /*RenameProfile*/, A_SetDefaultProfile, A_AdminServices,
};

/* ---- exports ---- */

LONG WINAPI MAPIInitialize(void *init)
{
    ENTER("MAPIInitialize");
    InterlockedIncrement(&initialized);
    logf_("MAPIInitialize(%s) -> 0", init ? "init" : "NULL");
    return S_OK;
}

void WINAPI MAPIUninitialize(void)
{
    LONG left = InterlockedDecrement(&initialized);
    logf_("MAPIUninitialize, %ld left", left);
}

HRESULT WINAPI MAPIAdminProfiles(ULONG flags, obj **out)
{
    *out = NULL;
    ENTER("MAPIAdminProfiles");
    if (!initialized) { logf_("MAPIAdminProfiles -> MAPI_E_NOT_INITIALIZED"); return MAPI_E_NOT_INITIALIZED; }
    *out = newobj(profVtbl, PROFILE_ADMIN, L"");
    logf_("MAPIAdminProfiles(%lx) -> 0", flags);
    return S_OK;
}

HRESULT WINAPI MAPILogonEx(ULONG_PTR ui, void *profile, void *password, ULONG flags, void **session)
{
    (void)ui; (void)profile; (void)password; (void)flags;
    *session = NULL;
    logf_("MAPILogonEx -> not supported");
    return MAPI_E_NO_SUPPORT;
}

HRESULT WINAPI HrQueryAllRows(obj *table, const SPropTagArray *cols, void *restriction, void *order, LONG max, SRowSet **out)
{
    HRESULT hr;

    *out = NULL;
    ENTER("HrQueryAllRows");
    if (restriction || order) return MAPI_E_NO_SUPPORT;
    if (cols && (hr = T_SetColumns(table, cols, 0))) return hr;
    table->pos = 0;
    if (!(*out = readrows(table, max > 0 ? (ULONG)max : ~0u))) return E_OUTOFMEMORY;
    logf_("HrQueryAllRows -> %lu rows", (*out)->n);
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE h, DWORD reason, void *p)
{
    (void)h; (void)reason; (void)p;
    return TRUE;
}
