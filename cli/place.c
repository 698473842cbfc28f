// SPDX-License-Identifier: Apache-2.0
#include "cli/place.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "cli/command.h"

bool place_find(char making[PATH_MAX], const char *place) {
    int len = snprintf(making, PATH_MAX, "%s.new", place);
    if (len <= 0 || len >= PATH_MAX || *place == '\0' || place[strlen(place) - 1] == '/') {
        complain(EXIT_USAGE, "%s is no name of a new folder", place);
        return false;
    }
    // Whose it is cannot be known: of an attempt that was cut off, or what is to be restored.
    if (file_exists(making)) {
        complain(EXIT_FAILED, "%s is in the way: it would be made there", making);
        return false;
    }
    if (file_exists(place) && rmdir(place) != 0) {
        complain(EXIT_FAILED, "%s is there already, and is not empty", place);
        return false;
    }
    return true;
}

enum status place_take(const char *place, const char *making) {
    if (rename(making, place) != 0) return STATUS_IO;
    return file_sync_parent(place);
}

bool place_inside(char out[PATH_MAX], const char *folder, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (len > 0 && len < PATH_MAX) return true;
    complain(EXIT_USAGE, "%s: the path is too long", folder);
    return false;
}
