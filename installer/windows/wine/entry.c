/* A library without any start-up code of its own. */
int __stdcall DllMainCRTStartup(void *self, unsigned reason, void *more) { return 1; }
