/* rstrtmgr.dll for tests: Wine's own has only stubs (RmGetList always says "nobody").
 * This one finds the holders of the registered files through the system's handle
 * list, and RmShutdown closes their windows, or ends them with RmForceShutdown. */
#include <windows.h>
#include <winternl.h>
#include <restartmanager.h>
#include <tlhelp32.h>

#define MAXFILES 256
#define MAXPROCS 256

#ifndef ERROR_FAIL_SHUTDOWN
#define ERROR_FAIL_SHUTDOWN 351
#define ERROR_MAX_SESSIONS_REACHED 353
#endif

typedef struct { DWORD vol, hi, lo; } fileid;
typedef struct {
    int used, nfiles, napps;
    WCHAR *files[MAXFILES];
    RM_UNIQUE_PROCESS apps[MAXPROCS]; /* registered as such */
    DWORD pids[MAXPROCS];             /* found by find() */
    int npids;
} session;
static session sessions[16];
static CRITICAL_SECTION lock;

typedef struct { void *object; ULONG_PTR pid, handle; ULONG access; USHORT trace, type; ULONG attrs, reserved; } handle_entry;
typedef struct { ULONG_PTR count, reserved; handle_entry h[1]; } handle_list;

static session *get(DWORD h) { return h >= 1 && h <= 16 && sessions[h - 1].used ? &sessions[h - 1] : NULL; }

DWORD WINAPI RmStartSession(DWORD *handle, DWORD flags, WCHAR key[])
{
    int i;
    if (flags) return ERROR_INVALID_PARAMETER;
    EnterCriticalSection(&lock);
    for (i = 0; i < 16 && sessions[i].used; i++);
    if (i < 16) { ZeroMemory(&sessions[i], sizeof sessions[i]); sessions[i].used = 1; }
    LeaveCriticalSection(&lock);
    if (i == 16) return ERROR_MAX_SESSIONS_REACHED;
    *handle = i + 1;
    wsprintfW(key, L"%08x%08x%08x%08x", GetCurrentProcessId(), i, GetTickCount(), 0x0f0f0f0f);
    return ERROR_SUCCESS;
}

DWORD WINAPI RmEndSession(DWORD h)
{
    session *s = get(h);
    if (!s) return ERROR_INVALID_HANDLE;
    while (s->nfiles) HeapFree(GetProcessHeap(), 0, s->files[--s->nfiles]);
    s->used = 0;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmRegisterResources(DWORD h, UINT nf, LPCWSTR files[], UINT na, RM_UNIQUE_PROCESS apps[], UINT ns, LPCWSTR services[])
{
    session *s = get(h);
    UINT i;
    (void)services;
    if (!s) return ERROR_INVALID_HANDLE;
    if (ns) return ERROR_NOT_SUPPORTED;
    for (i = 0; i < na && s->napps < MAXPROCS; i++) s->apps[s->napps++] = apps[i];
    for (i = 0; i < nf && s->nfiles < MAXFILES; i++) {
        WCHAR *p = HeapAlloc(GetProcessHeap(), 0, (lstrlenW(files[i]) + 1) * 2);
        lstrcpyW(p, files[i]);
        s->files[s->nfiles++] = p;
    }
    return ERROR_SUCCESS;
}

static int getid(HANDLE f, fileid *id)
{
    BY_HANDLE_FILE_INFORMATION i;
    if (!GetFileInformationByHandle(f, &i)) return 0;
    id->vol = i.dwVolumeSerialNumber; id->hi = i.nFileIndexHigh; id->lo = i.nFileIndexLow;
    return 1;
}

/* a registered process counts if it still is the one that was meant */
static void addapps(session *s)
{
    int i;
    for (i = 0; i < s->napps && s->npids < MAXPROCS; i++) {
        HANDLE p = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, s->apps[i].dwProcessId);
        FILETIME c, e, k, u;
        if (!p) continue;
        if (GetProcessTimes(p, &c, &e, &k, &u) && !memcmp(&c, &s->apps[i].ProcessStartTime, sizeof c))
            s->pids[s->npids++] = s->apps[i].dwProcessId;
        CloseHandle(p);
    }
}

static DWORD find(session *s)
{
    fileid ids[MAXFILES];
    int n = 0, i;
    ULONG size = 1 << 16, ret;
    handle_list *l = NULL;
    ULONG_PTR k;
    LONG st;

    for (i = 0; i < s->nfiles; i++) {
        HANDLE f = CreateFileW(s->files[i], FILE_READ_ATTRIBUTES, 7, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, 0);
        if (f == INVALID_HANDLE_VALUE) continue;
        n += getid(f, &ids[n]);
        CloseHandle(f);
    }
    do {
        if (l) HeapFree(GetProcessHeap(), 0, l);
        size *= 2;
        if (!(l = HeapAlloc(GetProcessHeap(), 0, size))) return ERROR_OUTOFMEMORY;
        st = NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)64, l, size, &ret);
    } while (st == (LONG)0xC0000004);
    if (st) { HeapFree(GetProcessHeap(), 0, l); return RtlNtStatusToDosError(st); }
    s->npids = 0;
    addapps(s);
    for (k = 0; n && k < l->count; k++) {
        DWORD pid = (DWORD)l->h[k].pid;
        HANDLE p, d;
        fileid id;
        int hit = 0;
        for (i = 0; i < s->npids && s->pids[i] != pid; i++);
        if (i < s->npids || s->npids == MAXPROCS) continue;
        if (!(p = OpenProcess(PROCESS_DUP_HANDLE, FALSE, pid))) continue;
        if (DuplicateHandle(p, (HANDLE)l->h[k].handle, GetCurrentProcess(), &d, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
            if (GetFileType(d) == FILE_TYPE_DISK && getid(d, &id))
                for (i = 0; i < n; i++) hit |= !memcmp(&id, &ids[i], sizeof id);
            CloseHandle(d);
        }
        CloseHandle(p);
        if (hit) s->pids[s->npids++] = pid;
    }
    HeapFree(GetProcessHeap(), 0, l);
    return ERROR_SUCCESS;
}

DWORD WINAPI RmGetList(DWORD h, UINT *needed, UINT *count, RM_PROCESS_INFO apps[], DWORD *reasons)
{
    session *s = get(h);
    DWORD r;
    int i;
    if (!s) return ERROR_INVALID_HANDLE;
    if ((r = find(s))) return r;
    *needed = s->npids;
    if (reasons) *reasons = RmRebootReasonNone;
    if (*count < (UINT)s->npids) return ERROR_MORE_DATA;
    *count = s->npids;
    for (i = 0; i < s->npids; i++) {
        RM_PROCESS_INFO *a = &apps[i];
        HANDLE p = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, s->pids[i]);
        FILETIME e, k, u;
        WCHAR path[MAX_PATH], *b;
        DWORD n = MAX_PATH;
        ZeroMemory(a, sizeof *a);
        a->Process.dwProcessId = s->pids[i];
        if (p) {
            GetProcessTimes(p, &a->Process.ProcessStartTime, &e, &k, &u);
            if (QueryFullProcessImageNameW(p, 0, path, &n)) {
                for (b = path + n; b > path && b[-1] != '\\'; b--);
                lstrcpynW(a->strAppName, b, 256);
            }
            CloseHandle(p);
        }
        a->ApplicationType = RmUnknownApp;
        a->AppStatus = RmStatusRunning;
        ProcessIdToSessionId(s->pids[i], &a->TSSessionId);
    }
    return ERROR_SUCCESS;
}

static BOOL CALLBACK closewin(HWND w, LPARAM pid)
{
    DWORD p;
    GetWindowThreadProcessId(w, &p);
    if (p == (DWORD)pid) PostMessageW(w, WM_CLOSE, 0, 0);
    return TRUE;
}

DWORD WINAPI RmShutdown(DWORD h, ULONG flags, RM_WRITE_STATUS_CALLBACK cb)
{
    session *s = get(h);
    DWORD r = ERROR_SUCCESS;
    int i;
    if (!s) return ERROR_INVALID_HANDLE;
    for (i = 0; i < s->npids; i++) EnumWindows(closewin, s->pids[i]);
    for (i = 0; i < s->npids; i++) {
        HANDLE p = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, s->pids[i]);
        if (!p) continue;
        if (WaitForSingleObject(p, 2000)) {
            if (flags & RmForceShutdown) { TerminateProcess(p, 1); WaitForSingleObject(p, 2000); }
            else r = ERROR_FAIL_SHUTDOWN;
        }
        CloseHandle(p);
        if (cb) cb(100 * (i + 1) / s->npids);
    }
    return r;
}

DWORD WINAPI RmRestart(DWORD h, DWORD flags, RM_WRITE_STATUS_CALLBACK cb)
{
    (void)flags; (void)cb;
    return get(h) ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

BOOL WINAPI DllMain(HINSTANCE m, DWORD reason, void *p)
{
    (void)m; (void)p;
    if (reason == DLL_PROCESS_ATTACH) InitializeCriticalSection(&lock);
    return TRUE;
}
