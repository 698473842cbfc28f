// SPDX-License-Identifier: Apache-2.0
// What shells complete `lmm` by. Each script is fixed text around rows that are made of the tables:
// which words follow, which options a command takes, and where a file is meant.
#include <config.h> // memmem

#include <stdio.h>
#include <string.h>

#include "cli/table.h"

static size_t first_word(const struct command_row *command) { return strcspn(command->name, " "); }

static bool has_two_words(const struct command_row *command) {
    return command->name[first_word(command)] == ' ';
}

// Whether an earlier row begins with the same word: rows of a group stand together.
static bool is_named_before(size_t i) {
    size_t len = first_word(&command_rows[i]);
    return i > 0 && first_word(&command_rows[i - 1]) == len &&
           memcmp(command_rows[i - 1].name, command_rows[i].name, len) == 0;
}

static void print_first_words(void) {
    for (size_t i = 0; i < command_count; i++)
        if (!is_named_before(i))
            printf("%s%.*s", i ? " " : "", (int)first_word(&command_rows[i]), command_rows[i].name);
}

// "f" for each operand that is a file, "d" for a folder, "-" for another.
static void print_operand_kinds(const struct command_row *command) {
    for (const char *at = command->operands; *at;) {
        size_t len = strcspn(at, " ");
        bool is_file = memmem(at, len, "FILE", 4), is_folder = memmem(at, len, "FOLDER", 6);
        putchar(is_file ? 'f' : is_folder ? 'd' : '-');
        at += len + (at[len] ? 1 : 0);
    }
}

// A row of a case for the options that take a value of this kind, when there are any.
static void print_valued(enum word_kind kind, const char *waits) {
    bool is_any = false;
    for (size_t i = 0; i < option_count; i++) {
        if (!option_rows[i].value || option_rows[i].kind != kind) continue;
        printf("%s--%s", is_any ? " | " : "        ", option_rows[i].name);
        is_any = true;
    }
    if (is_any) printf(") waits=%s ;;\n", waits);
}

static void print_options(const struct command_row *command) {
    for (size_t i = 0; i < option_count; i++)
        if (command_takes(command, i)) printf("--%s ", option_rows[i].name);
    printf("--help");
}

// The rows of a `case "$first $second"` that sh, bash and zsh read alike.
static void print_cases(void) {
    for (size_t i = 0; i < command_count; i++) {
        const struct command_row *command = &command_rows[i];
        bool is_two = has_two_words(command);
        printf("    '%s%s name=%d options='", command->name, is_two ? "')" : " '*)",
               is_two ? 2 : 1);
        print_options(command);
        printf("' operands='");
        print_operand_kinds(command);
        printf("' ;;\n");
    }
    for (size_t i = 0; i < command_count; i++) {
        size_t len = first_word(&command_rows[i]);
        if (is_named_before(i) || !has_two_words(&command_rows[i])) continue;
        printf("    '%.*s '*) next='", (int)len, command_rows[i].name);
        for (size_t k = i; k == i || (k < command_count && is_named_before(k)); k++)
            printf("%s%s", k > i ? " " : "", command_rows[k].name + len + 1);
        printf("' ;;\n");
    }
}

// Both shells: `typed` are the words before the one at the cursor. Leaves in `want` what may stand
// there, or "files" or "folders".
static void print_logic(void) {
    printf("    for word in \"${typed[@]}\"; do\n"
           "        if [ -n \"$waits\" ]; then waits='' && continue; fi\n"
           "        case $word in\n");
    print_valued(WORD_FILE, "files");
    print_valued(WORD_FOLDER, "folders");
    print_valued(WORD_TEXT, "nothing");
    printf("        -*) ;;\n"
           "        *)\n"
           "            count=$((count + 1))\n"
           "            [ $count -ne 1 ] || first=$word\n"
           "            [ $count -ne 2 ] || second=$word\n"
           "            ;;\n"
           "        esac\n"
           "    done\n"
           "    case \"$first $second\" in\n");
    print_cases();
    printf("    ' ') next='");
    print_first_words();
    printf("' ;;\n"
           "    esac\n"
           "    if [ -n \"$waits\" ]; then\n"
           "        want=$waits\n"
           "    elif [ -z \"$name\" ]; then\n"
           "        [ $count -gt 1 ] || want=$next\n"
           "    else\n"
           "        case $current in\n"
           "        -*) want=$options ;;\n"
           "        *)\n"
           "            case ${operands:$((count - name)):1} in\n"
           "            f) want=files ;;\n"
           "            d) want=folders ;;\n"
           "            esac\n"
           "            ;;\n"
           "        esac\n"
           "    fi\n");
}

static const char locals[] = "    local word current first='' second='' name='' waits='' next='' "
                             "want='' options='' operands='' count=0\n";

static void print_bash(void) {
    printf("# bash completion of lmm\n_lmm() {\n%s"
           "    local typed=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
           "    current=${COMP_WORDS[COMP_CWORD]}\n",
           locals);
    print_logic();
    printf("    COMPREPLY=()\n"
           "    case $want in\n"
           "    nothing) ;;\n"
           "    files) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
           "    folders) mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
           "    *) mapfile -t COMPREPLY < <(compgen -W \"$want\" -- \"$current\") ;;\n"
           "    esac\n"
           "}\n"
           "complete -o filenames -F _lmm lmm\n");
}

static void print_zsh(void) {
    printf("#compdef lmm\n_lmm() {\n%s"
           "    local -a typed=(\"${(@)words[2,CURRENT-1]}\")\n"
           "    current=${words[CURRENT]}\n",
           locals);
    print_logic();
    printf("    case $want in\n"
           "    '' | nothing) return 1 ;;\n"
           "    files) _files ;;\n"
           "    folders) _files -/ ;;\n"
           "    *) compadd -- ${=want} ;;\n"
           "    esac\n"
           "}\n"
           "if [ \"${funcstack[1]}\" = _lmm ]; then _lmm \"$@\"; else compdef _lmm lmm; fi\n");
}

// A text between single quotes, for fish.
static void print_quoted(const char *text) {
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void print_fish_command(const struct command_row *command) {
    if (strstr(command->operands, "FILE") || strstr(command->operands, "FOLDER"))
        printf("complete -c lmm -n '__lmm_is %s' -F\n", command->name);
    for (size_t k = 0; k < option_count; k++) {
        const struct option_row *option = &option_rows[k];
        if (!command_takes(command, k)) continue;
        printf("complete -c lmm -n '__lmm_is %s' -l %s%s%s -d ", command->name, option->name,
               option->value ? " -r" : "",
               !option->value              ? ""
               : option->kind == WORD_TEXT ? " -f"
                                           : " -F");
        print_quoted(option->help);
        putchar('\n');
    }
}

static void print_fish(void) {
    printf("# fish completion of lmm\n"
           "function __lmm_words\n"
           "    commandline -opc | string match -v -- '-*'\n"
           "end\n"
           "# The words so far are lmm and these.\n"
           "function __lmm_at\n"
           "    test \"$(__lmm_words)\" = \"$(string split ' ' lmm $argv)\"\n"
           "end\n"
           "# They begin so.\n"
           "function __lmm_is\n"
           "    set -l words (__lmm_words)\n"
           "    test (count $words) -gt (count $argv)\n"
           "    and test \"$words[2..$(math 1 + (count $argv))]\" = \"$argv\"\n"
           "end\n"
           "complete -c lmm -f\n"
           "complete -c lmm -l help -d 'what it does, and its options'\n");
    for (size_t i = 0; i < command_count; i++) {
        const struct command_row *command = &command_rows[i];
        int len = (int)first_word(command);
        if (!is_named_before(i)) {
            printf("complete -c lmm -n __lmm_at -a %.*s", len, command->name);
            if (!has_two_words(command)) {
                printf(" -d ");
                print_quoted(command->help);
            }
            putchar('\n');
        }
        if (has_two_words(command)) {
            printf("complete -c lmm -n '__lmm_at %.*s' -a %s -d ", len, command->name,
                   command->name + len + 1);
            print_quoted(command->help);
            putchar('\n');
        }
        print_fish_command(command);
    }
}

int command_completion(const struct options *options) {
    static const struct {
        const char *shell;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].shell, options->operands[0]) == 0) {
            shells[i].print();
            return EXIT_DONE;
        }
    return complain(EXIT_USAGE, "bash, zsh and fish are known here, not %s", options->operands[0]);
}
