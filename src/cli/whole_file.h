// A file read whole into memory.
#ifndef WF_CLI_WHOLE_FILE_H
#define WF_CLI_WHOLE_FILE_H

#include <stddef.h>
#include <stdint.h>

// At most `most` bytes of it: as many say that there may be more. "-" is standard input. The caller frees what comes;
// NULL: errno says why.
uint8_t *wf_cli_whole_file(const char *path, size_t most, size_t *size);

#endif
