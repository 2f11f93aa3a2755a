/* Asked by the package before it goes over a version or takes it away: deferred bills that wait are settled by the program that is
   there, so neither happens while there are any, unless a person says so. The answer comes from that program itself:
   `zhijie queue check`. The only thing of the package that runs before anything is changed. Behind the stop of the service it waits
   until the programs have ended. At the end of a removal it says where the ledger is.

   ANYWAY=yes on the command line goes on without asking. */
#include <windows.h>
#include <msi.h>
#include <msiquery.h>

#define ROOM 512
/* Exit code of `zhijie queue check`. */
#define SOME_WAIT 3
#define PATIENCE_MS 60000
/* How long a program that was stopped may take to end: looks, and the pause between two. */
#define LOOKS_MAX 300
#define LOOK_EVERY_MS 100
/* Stands while an installation goes on that was let through. */
#define LET_THROUGH L"Global\\ZhijieInstallation"
/* Below this level nobody sees a question. */
#define LEVEL_BASIC L'3'

static const wchar_t ASKS[] =
    L"还有待结算单据没有了结。建议先处理（zhijie queue list）再继续。仍要继续吗？\n"
    L"Deferred bills wait to be settled; see `zhijie queue list`. Go on all the same?";
static const wchar_t REFUSES[] =
    L"还有待结算单据没有了结，请先处理（zhijie queue list）；确需继续请加 ANYWAY=yes。 "
    L"Deferred bills wait to be settled; see `zhijie queue list`. To go on all the same add ANYWAY=yes.";

static const wchar_t REMAINS[] =
    L"程序已卸载；配置和账本作为证据保留在： The program is gone; configuration and ledger are evidence and stay in:\n";

static void property(MSIHANDLE install, const wchar_t *name, wchar_t *out) {
    DWORD length = ROOM;
    if (MsiGetPropertyW(install, name, out, &length) != ERROR_SUCCESS) out[0] = 0;
}

static int say(MSIHANDLE install, INSTALLMESSAGE kind, const wchar_t *text) {
    MSIHANDLE record = MsiCreateRecord(1);
    int answer;
    MsiRecordSetStringW(record, 0, text);
    answer = MsiProcessMessage(install, kind, record);
    MsiCloseHandle(record);
    return answer;
}

/* Exit code of the program, or 0 where it could not be asked: no program, no ledger, nothing that could wait. */
static DWORD ask(wchar_t *command) {
    STARTUPINFOW start;
    PROCESS_INFORMATION made;
    DWORD code = 0;
    ZeroMemory(&start, sizeof start);
    start.cb = sizeof start;
    if (!CreateProcessW(NULL, command, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &start, &made)) return 0;
    if (WaitForSingleObject(made.hProcess, PATIENCE_MS) == WAIT_OBJECT_0) GetExitCodeProcess(made.hProcess, &code);
    CloseHandle(made.hThread);
    CloseHandle(made.hProcess);
    return code;
}

/* The removal of the old version is a part of an upgrade and asks no second time, also where the system does not tell it so. The
   handle stays open until the installer ends. */
static UINT let_through(void) {
    CreateMutexW(NULL, FALSE, LET_THROUGH);
    return ERROR_SUCCESS;
}

UINT __stdcall Waiting(MSIHANDLE install) {
    wchar_t program[ROOM], data[ROOM], word[ROOM], command[3 * ROOM];
    HANDLE earlier = OpenMutexW(SYNCHRONIZE, FALSE, LET_THROUGH);
    if (earlier) {
        CloseHandle(earlier);
        return ERROR_SUCCESS;
    }
    property(install, L"ANYWAY", word);
    if (lstrcmpiW(word, L"yes") == 0) return let_through();
    property(install, L"ProgramFolder", program);
    property(install, L"DataFolder", data);
    lstrcpyW(command, L"\"");
    lstrcatW(command, program);
    lstrcatW(command, L"zhijie.exe\" queue check --config \"");
    lstrcatW(command, data);
    lstrcatW(command, L"agent.toml\"");
    if (ask(command) != SOME_WAIT) return let_through();
    property(install, L"UILevel", word);
    if (word[0] >= LEVEL_BASIC
        && say(install, INSTALLMESSAGE_USER | MB_YESNO | MB_ICONWARNING | MB_DEFBUTTON2, ASKS) == IDYES) return let_through();
    say(install, INSTALLMESSAGE_ERROR, REFUSES);
    return ERROR_INSTALL_FAILURE;
}

/* A program that runs cannot be opened for writing. */
static int runs(const wchar_t *program) {
    HANDLE file = CreateFileW(program, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return GetLastError() == ERROR_SHARING_VIOLATION;
    CloseHandle(file);
    return 0;
}

/* The service manager calls a service stopped when the service says so, and its process ends a moment later. Until then its program
   can be neither removed nor replaced. */
UINT __stdcall Ended(MSIHANDLE install) {
    static const wchar_t *const PROGRAMS[] = {L"zhijie.exe", L"zhijie-devices.exe", L"zhijie-devices-32.exe"};
    wchar_t folder[ROOM], program[2 * ROOM];
    unsigned which, looks = 0;
    property(install, L"CustomActionData", folder);
    for (which = 0; which < sizeof PROGRAMS / sizeof *PROGRAMS; which++) {
        lstrcpyW(program, folder);
        lstrcatW(program, PROGRAMS[which]);
        for (; runs(program) && looks < LOOKS_MAX; looks++) Sleep(LOOK_EVERY_MS);
    }
    return ERROR_SUCCESS;
}

UINT __stdcall Remains(MSIHANDLE install) {
    wchar_t data[ROOM], word[ROOM], text[2 * ROOM];
    property(install, L"DataFolder", data);
    property(install, L"UILevel", word);
    lstrcpyW(text, REMAINS);
    lstrcatW(text, data);
    say(install, INSTALLMESSAGE_INFO, text);
    if (word[0] >= LEVEL_BASIC) say(install, INSTALLMESSAGE_USER | MB_OK | MB_ICONINFORMATION, text);
    return ERROR_SUCCESS;
}
