// SPDX-License-Identifier: Apache-2.0
// The API keys of a server, in a small SQLite file of their own: named, with scopes and the account
// that signs for them, perhaps with an end; revoked for good, or rotated so that the old secret
// goes on for a while beside the new one.
//
// A key is "lmm_" ID "_" SECRET, 16 and 64 hexadecimal digits. The id is no secret: it is shown in
// lists and finds the row; ids sort by when they were made. Of the whole text only a hash is kept
// (http_key_hash), and that is compared in constant time. The text is told once.
//
// What is revoked or has ended stays in the list for API_KEYS_KEPT_MS.
//
// Thread-safe.
#ifndef LMM_SERVER_API_KEYS_H
#define LMM_SERVER_API_KEYS_H

#include "apps/common/http/server.h"
#include "chaincore/base/limits.h"

#define API_KEYS_KEPT_MS ((uint64_t)90 * 24 * 3600 * 1000)

enum { API_KEY_ID_CHARS = 16, API_KEY_CHARS = 4 + API_KEY_ID_CHARS + 1 + 64 };

// A key as it is shown. Moments are milliseconds since 1970; 0: never.
struct api_key {
    char id[API_KEY_ID_CHARS + 1];
    char name[LIMIT_API_KEY_NAME_BYTES + 1];
    char scopes[LIMIT_API_KEY_SCOPES_BYTES + 1]; // separated by spaces
    char signer[LIMIT_SIGNER_NAME_BYTES + 1];    // the account that signs for it (signer.h)
    uint64_t created_ms;
    uint64_t expires_ms;
    uint64_t used_ms; // to the minute, over restarts
    uint64_t revoked_ms;
    uint64_t old_until_ms; // until when the secret of before the last rotation is good
};

struct api_keys;

enum status api_keys_open(struct api_keys **out, const char *path) MUST_CHECK;
void api_keys_close(struct api_keys *keys); // NULL is allowed

// What has to be there before a key of this id is. What it returns but OK refuses the key. It must
// not call this module.
struct api_key_prepare {
    enum status (*run)(void *context, const char *id);
    void *context;
};
// Who did what to a key. It is written with what was done, in one: neither is there without the
// other. From here it goes on to the log that people read, by api_keys_take_notes. Texts of any
// length; NULL in place of a note: nobody is told.
struct api_key_note {
    const char *actor;
    const char *action;
    const char *detail;
};
// Makes one of the name, scopes, signer and end that *key has, and fills in the rest; `text` gets
// the key. Durable when it returns OK. `prepare` may be NULL. TOO_LARGE: of its
// signer there are LIMIT_API_KEYS, or LIMIT_SIGNER_API_KEYS. FULL: there are LIMIT_API_KEYS_IN_ALL.
enum status api_keys_make(struct api_keys *keys, struct api_key *key,
                          const struct api_key_prepare *prepare, const struct api_key_note *note,
                          char text[API_KEY_CHARS + 1]) MUST_CHECK;
bool api_key_is_id(const char *text);

// A new secret under the same id, which *key has and whose rest is filled in; the one of now is
// good for overlap_ms more, the one of before it no longer. NOT_FOUND; CONFLICT: it is revoked or
// has ended.
enum status api_keys_rotate(struct api_keys *keys, struct api_key *key, uint64_t overlap_ms,
                            const struct api_key_note *note,
                            char text[API_KEY_CHARS + 1]) MUST_CHECK;
// From now on no secret of it is good. OK too when that is so already; NOT_FOUND.
enum status api_keys_revoke(struct api_keys *keys, const char *id,
                            const struct api_key_note *note) MUST_CHECK;
// What is changed of a key elsewhere: the note is durable before `prepare` runs, and gone again
// when that fails. A crash between the two leaves a note of what was not done, never the other way
// round. NOT_FOUND.
enum status api_keys_change(struct api_keys *keys, const char *id,
                            const struct api_key_prepare *prepare,
                            const struct api_key_note *note) MUST_CHECK;

// A note as it is kept. `number` is never given twice.
struct api_key_line {
    uint64_t number;
    uint64_t at_ms;
    const char *id;     // of the key
    const char *signer; // the same
    struct api_key_note note;
};
// Hands each on, the oldest first, and forgets it when `take` says OK: one may be handed on twice,
// over a crash. Stops at the first that is not taken. `take` must not call this module.
typedef enum status api_key_take(void *context, const struct api_key_line *line);
enum status api_keys_take_notes(struct api_keys *keys, api_key_take *take,
                                void *context) MUST_CHECK;
enum status api_keys_get(struct api_keys *keys, const char *id, struct api_key *out) MUST_CHECK;
struct api_key_listing {
    const char *only_signer; // NULL: of all
    const char *behind;      // an id; "": from the first
    size_t max;
};
// By their ids. Returns how many.
size_t api_keys_list(struct api_keys *keys, const struct api_key_listing *asked,
                     struct api_key *out);

// For struct http_key_source; the context is the keys.
bool api_keys_find(void *context, struct arena *arena, struct bytes text, struct http_key *out);
// Writes down when keys were used last, once a minute: to be called now and then.
void api_keys_settle(struct api_keys *keys);

#endif
