/* Asked by the MSI before anything is changed: is one of the programs running? A program that runs
 * cannot be opened for writing. Without this, Windows would close the desk, or wait for a restart. */
#include <windows.h>
#include <msi.h>
#include <msiquery.h>
#include <wchar.h>

static const wchar_t *PROGRAMS[] = {L"offcirc-desk.exe", L"offcirc-uploader.exe", L"offcirc.exe"};

static void say(MSIHANDLE session)
{
    MSIHANDLE text = MsiCreateRecord(1);
    MsiRecordSetStringW(text, 0, L"OffCirc is running on this PC. Please close its windows, then "
                                 L"start again. Nothing was changed.");
    MsiProcessMessage(session, INSTALLMESSAGE_ERROR, text);
    MsiCloseHandle(text);
}

__declspec(dllexport) UINT __stdcall Busy(MSIHANDLE session)
{
    wchar_t folder[32768], path[32768 + 32];
    DWORD size = 32768;
    if (MsiGetPropertyW(session, L"INSTALLDIR", folder, &size))
        return ERROR_SUCCESS;
    for (int i = 0; i < 3; i++) {
        swprintf(path, 32768 + 32, L"%ls%ls", folder, PROGRAMS[i]);
        HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                  OPEN_EXISTING, 0, NULL);
        if (file != INVALID_HANDLE_VALUE) {
            CloseHandle(file);
        } else if (GetLastError() == ERROR_SHARING_VIOLATION) {
            say(session);
            return ERROR_INSTALL_FAILURE;
        }
    }
    return ERROR_SUCCESS;
}
