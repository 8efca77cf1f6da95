/* What pyserial asks of a device's place in the machine; wine 8's own lacks the last of the three. */
unsigned long __stdcall CM_MapCrToWin32Err(unsigned long result, unsigned long otherwise)
{
    return result ? otherwise : 0;
}
