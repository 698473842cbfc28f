// SPDX-License-Identifier: Apache-2.0
// Who belongs to the firm that a server works for: accounts with a name, a role and the account
// that the server signs by for them, and a log of who did what about them and about API keys. In a
// small SQLite file of their own. What a role allows is callers.h's to say.
//
// A change and its line in the log are one: neither is there without the other. There is always an
// owner who acts as the business' own account, once there has been one.
//
// Thread-safe.
#ifndef LMM_SERVER_MEMBERS_H
#define LMM_SERVER_MEMBERS_H

#include "chaincore/base/arena.h"
#include "chaincore/base/limits.h"
#include "chaincore/chain/account_id.h"

enum member_role { MEMBER_OWNER, MEMBER_ADMIN, MEMBER_OPERATOR, MEMBER_AUDITOR, MEMBER_ROLES };

struct member {
    struct account_id account;
    char name[LIMIT_MEMBER_NAME_BYTES + 1];
    enum member_role role;
    char signer[LIMIT_SIGNER_NAME_BYTES + 1]; // the account that the server signs by (signer.h)
    uint64_t added_ms;                        // since 1970
};

// Who did what to whom. Texts of at most LIMIT_AUDIT_TEXT_BYTES; longer ones are cut.
struct audit_line {
    uint64_t number; // grows from line to line
    uint64_t at_ms;
    const char *actor;   // an API key's id, or "member:ADDRESS"
    const char *action;  // "member.added": words and a point
    const char *subject; // whom or what it was done to
    const char *detail;  // "admin, before operator"; may be empty
    // The account that the key or member acts as which it is about, and as which it did before,
    // where that was another. NULL: the server's own; none. Filled in here where a member is
    // changed.
    const char *signer, *former_signer;
};

struct members;

enum status members_open(struct members **out, const char *path) MUST_CHECK;
void members_close(struct members *members); // NULL is allowed

// "owner". The second gives MEMBER_ROLES for a word that is none.
const char *member_role_name(enum member_role role);
enum member_role member_role_of(const char *name);

// Number and time of a line are filled in here. Durable when they return OK.
// What has to be there before a change is: called when nothing stands against it, right before it
// is durable; what it returns but OK refuses. It must not call this module.
struct member_prepare {
    enum status (*run)(void *context);
    void *context;
};
// Fills in added_ms. `prepare` may be NULL. EXISTS; TOO_LARGE: as many act as its signer as may,
// LIMIT_MEMBERS or LIMIT_SIGNER_MEMBERS.
enum status members_add(struct members *members, struct member *member,
                        const struct member_prepare *prepare,
                        const struct audit_line *line) MUST_CHECK;
// How far somebody's hand in others reaches.
struct member_reach {
    bool may_own;            // who is an owner
    const char *only_signer; // members of this account alone; NULL: all
};
// What is to become of a member.
struct member_wish {
    struct member_reach reach;
    bool has_name, has_role, has_signer; // else as it was
    char name[LIMIT_MEMBER_NAME_BYTES + 1];
    enum member_role role;
    char signer[LIMIT_SIGNER_NAME_BYTES + 1];
    const struct member_prepare *prepare; // may be NULL
};
// *out is the member after the change. The line's detail is put behind what became of the role.
// NOT_FOUND: there is none that is reached; UNAUTHORIZED: it is, or would be, an owner, and
// `may_own` is not set; INVALID: it would be of another signer than `only_signer`; TOO_LARGE: as
// many act as its new signer as may; CONFLICT: no owner would act as the business' own account any
// more.
enum status members_change(struct members *members, struct member *out,
                           const struct account_id *account, const struct member_wish *wish,
                           const struct audit_line *line) MUST_CHECK;
// Likewise.
enum status members_remove(struct members *members, const struct account_id *account,
                           const struct member_reach *reach,
                           const struct audit_line *line) MUST_CHECK;
enum status members_note(struct members *members, const struct audit_line *line) MUST_CHECK;
// The same of a line that was kept elsewhere first, with its time: `origin` names it, and brings no
// second one.
enum status members_note_once(struct members *members, const char *origin,
                              const struct audit_line *line) MUST_CHECK;

enum status members_find(struct members *members, const struct account_id *account,
                         struct member *out) MUST_CHECK;
struct member_listing {
    const char *only_signer;         // NULL: of all
    const struct account_id *behind; // NULL: from the first
    size_t max;
};
// By their ids.
enum status members_list(struct members *members, const struct member_listing *asked,
                         struct member *out, size_t *count) MUST_CHECK;
struct audit_listing {
    const char *only_signer; // about keys and members of this account alone; NULL: all
    uint64_t below;          // this number
    size_t max;
};
// The newest first; their texts in the arena. The newest
// LIMIT_AUDIT_SESSION_LINES of actions "session.…" are kept, and LIMIT_AUDIT_LINES of all others.
// Of each account but the server's own LIMIT_SIGNER_AUDIT_PART times less.
enum status members_read_log(struct members *members, const struct audit_listing *asked,
                             struct arena *arena, struct audit_line *out, size_t *count) MUST_CHECK;

#endif
