/* Random bytes for Rust's libraries, which wine 8 gives under the older name only. */
__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *, unsigned long);

__declspec(dllexport) int __stdcall ProcessPrng(void *bytes, unsigned long long count)
{
    return SystemFunction036(bytes, count);
}
