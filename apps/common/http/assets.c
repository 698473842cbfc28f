// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/assets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

enum { DEEPEST = 8, LONGEST_PATH = 512 };

// With what pages may speak to beside their own server.
#define PAGE_POLICY                                                    \
    "default-src 'self'; connect-src 'self'%s%s; "                     \
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; " \
    "frame-ancestors 'none'; form-action 'self'"

static const struct {
    const char *ending;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
};

struct asset {
    char *path;
    struct bytes content;
    struct bytes gzip;
    bool owns_content;
    const char *type;
    char etag[17];
};

struct http_assets {
    struct asset *assets; // sorted by path
    size_t count;
    size_t bytes;
};

static bool ends_in(const char *text, const char *ending) {
    size_t text_len = strlen(text), len = strlen(ending);
    return text_len > len && strcmp(text + text_len - len, ending) == 0;
}

static const char *type_of(const char *path) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_in(path, types[i].ending)) return types[i].type;
    return "application/octet-stream";
}

// Tells two versions of a file apart; nobody gains by forging one.
static void write_etag(char out[17], struct bytes content) {
    uint64_t hash = 0xCBF29CE484222325U;
    for (size_t i = 0; i < content.len; i++) hash = (hash ^ content.data[i]) * 0x100000001B3U;
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct asset *)a)->path, ((const struct asset *)b)->path);
}

static struct asset *find(const struct http_assets *assets, const char *path) {
    struct asset wanted = {.path = (char *)path};
    return bsearch(&wanted, assets->assets, assets->count, sizeof wanted, by_path);
}

// --- making ---

static enum status add(struct http_assets *assets, const char *path, struct bytes content,
                       bool owns_content) {
    if (assets->count == LIMIT_HTTP_ASSETS) return STATUS_TOO_LARGE;
    struct asset *asset = &assets->assets[assets->count++];
    *asset = (struct asset){.path = mem_copy_string(path),
                            .content = content,
                            .owns_content = owns_content,
                            .type = type_of(path)};
    assets->bytes += content.len;
    write_etag(asset->etag, content);
    return STATUS_OK;
}

static enum status sort(struct http_assets *assets) {
    qsort(assets->assets, assets->count, sizeof(struct asset), by_path);
    for (size_t i = 1; i < assets->count; i++)
        if (by_path(&assets->assets[i - 1], &assets->assets[i]) == 0) return STATUS_EXISTS;
    return STATUS_OK;
}

static struct http_assets *make(void) {
    struct http_assets *assets = mem_alloc(sizeof *assets);
    assets->assets = mem_alloc_array(LIMIT_HTTP_ASSETS, sizeof(struct asset));
    return assets;
}

enum status http_assets_from_table(struct http_assets **out, const struct http_asset *table,
                                   size_t count) {
    struct http_assets *assets = make();
    enum status status = STATUS_OK;
    *out = NULL;
    for (size_t i = 0; i < count; i++) {
        ENSURE(table[i].path[0] == '/');
        TRY(add(assets, table[i].path, table[i].content, false));
        assets->assets[assets->count - 1].gzip = table[i].gzip;
    }
    TRY(sort(assets));
    *out = assets;
    assets = NULL;
out:
    http_assets_close(assets);
    return status;
}

static bool is_name(const char *name) {
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

static enum status read_asset(struct http_assets *assets, const char *file, const char *path) {
    struct buf content = {0};
    enum status status;
    TRY(file_read(&content, file, LIMIT_HTTP_ASSET_BYTES - assets->bytes));
    TRY(add(assets, path, buf_bytes(&content), true));
    content = (struct buf){0};
out:
    buf_clear(&content);
    return status;
}

static enum status read_folder(struct http_assets *assets, const char *folder, const char *path,
                               int depth) {
    enum status status = STATUS_OK;
    struct dirent *item;
    DIR *open_folder = depth < DEEPEST ? opendir(folder) : NULL;
    if (!open_folder) return depth < DEEPEST ? STATUS_NOT_FOUND : STATUS_TOO_LARGE;
    while ((item = readdir(open_folder))) {
        char file[LONGEST_PATH], below[LONGEST_PATH];
        struct stat info;
        if (!is_name(item->d_name)) continue;
        int file_len = snprintf(file, sizeof file, "%s/%s", folder, item->d_name);
        int below_len = snprintf(below, sizeof below, "%s/%s", path, item->d_name);
        status = STATUS_TOO_LARGE;
        if (file_len >= LONGEST_PATH || below_len >= LONGEST_PATH) goto out;
        status = STATUS_IO;
        if (lstat(file, &info) != 0) goto out;
        status = STATUS_OK;
        if (S_ISDIR(info.st_mode))
            TRY(read_folder(assets, file, below, depth + 1));
        else if (S_ISREG(info.st_mode))
            TRY(read_asset(assets, file, below));
    }
out:
    closedir(open_folder);
    return status;
}

// "/app.js.gz" is the gzip form of "/app.js" where that is there too.
static void join_gzip(struct http_assets *assets) {
    for (size_t i = 0; i < assets->count; i++) {
        struct asset *asset = &assets->assets[i];
        char path[LONGEST_PATH];
        snprintf(path, sizeof path, "%.*s.gz", LONGEST_PATH - 4, asset->path);
        const struct asset *gzip = find(assets, path);
        if (gzip && gzip->content.len < asset->content.len) asset->gzip = gzip->content;
    }
}

enum status http_assets_from_directory(struct http_assets **out, const char *path) {
    struct http_assets *assets = make();
    enum status status;
    *out = NULL;
    TRY(read_folder(assets, path, "", 0));
    TRY(sort(assets));
    join_gzip(assets);
    *out = assets;
    assets = NULL;
out:
    if (status != STATUS_OK)
        log_warning("http", "cannot read the pages", log_text("path", path),
                    log_text("status", status_name(status)));
    http_assets_close(assets);
    return status;
}

void http_assets_close(struct http_assets *assets) {
    if (!assets) return;
    for (size_t i = 0; i < assets->count; i++) {
        mem_free(assets->assets[i].path);
        if (assets->assets[i].owns_content) mem_free((void *)assets->assets[i].content.data);
    }
    mem_free(assets->assets);
    mem_free(assets);
}

// --- answering ---

const struct asset *asset_find(const struct http_assets *assets, const char *path) {
    char index[LONGEST_PATH];
    if (!assets) return NULL;
    size_t len = strlen(path);
    if (len == 0 || path[len - 1] != '/') return find(assets, path);
    if (len + sizeof "index.html" > sizeof index) return NULL;
    snprintf(index, sizeof index, "%sindex.html", path);
    return find(assets, index);
}

enum status asset_answer(const struct asset *asset, struct http_request *request,
                         struct http_response *response) {
    const char *accept = http_header(request, "Accept-Encoding");
    bool is_gzip = asset->gzip.len > 0 && accept && accepts_gzip(accept);
    http_set_type(response, asset->type);
    http_set_etag(response,
                  arena_format(http_arena(request), "%s%s", asset->etag, is_gzip ? "-gz" : ""));
    if (asset->gzip.len > 0) http_set_header(response, "Vary", "Accept-Encoding");
    if (is_gzip) http_set_header(response, "Content-Encoding", "gzip");
    const char *connects = request->server->config.page_connects;
    http_set_header(response, "Content-Security-Policy",
                    arena_format(http_arena(request), PAGE_POLICY, connects ? " " : "",
                                 connects ? connects : ""));
    http_set_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    http_set_borrowed_body(response, is_gzip ? asset->gzip : asset->content, NULL, NULL);
    return STATUS_OK;
}
