/* python.exe and pythonw.exe: the wheel brings Python's library, but no program that starts it. */
#include <windows.h>

int Py_Main(int, wchar_t **);

int wmain(int count, wchar_t **words) { return Py_Main(count, words); }

int WINAPI wWinMain(HINSTANCE self, HINSTANCE before, LPWSTR line, int show)
{
    return Py_Main(__argc, __wargv);
}
