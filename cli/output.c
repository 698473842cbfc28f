// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "cli/command.h"

int output_json(json_t *json) {
    ENSURE(json);
    json_dumpf(json, stdout, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    json_decref(json);
    putchar('\n'); // main() sees whether all of it was written
    return EXIT_DONE;
}

static bool write_secret(int fd, const char *secret) {
    return file_write_all(fd, bytes_of_string(secret)) == STATUS_OK &&
           file_write_all(fd, bytes_of_string("\n")) == STATUS_OK;
}

int output_secret(const char *secret, const char *path) {
    if (!path)
        return write_secret(STDOUT_FILENO, secret)
                   ? EXIT_DONE
                   : complain(EXIT_FAILED, "the result cannot be written");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write_secret(fd, secret) && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return is_written ? EXIT_DONE
                      : complain(EXIT_FAILED, "%s is there already, or cannot be written", path);
}
