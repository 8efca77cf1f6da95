/* Windows has had ICU since 2017, wine 8 has not. Qt asks for converters of old code pages only,
   and takes "there is none" (U_FILE_ACCESS_ERROR, 4) for an answer. */
#define SAY __declspec(dllexport)
#define NOTHING(name) SAY long ucnv_##name(void) { return 0; }

NOTHING(close)
NOTHING(reset)
NOTHING(toUnicode)
NOTHING(fromUnicode)
NOTHING(getToUCallBack)
NOTHING(getFromUCallBack)
NOTHING(setToUCallBack)
NOTHING(setFromUCallBack)
NOTHING(cbToUWriteUChars)
NOTHING(cbFromUWriteUChars)
NOTHING(toUCountPending)
NOTHING(fromUCountPending)
NOTHING(countAvailable)
SAY void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
SAY void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
SAY void *ucnv_open(char *name, int *error) { *error = 4; return 0; }
SAY char ucnv_getMaxCharSize(void) { return 1; }
SAY char *ucnv_getName(void *converter, int *error) { *error = 4; return 0; }
SAY char *ucnv_getStandardName(char *name, char *standard, int *error) { *error = 4; return 0; }
SAY char *ucnv_getAvailableName(int number) { return 0; }
