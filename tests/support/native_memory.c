// SPDX-License-Identifier: Apache-2.0
#include "tests/support/native_memory.h"

#include <dlfcn.h>
#include <elf.h>

#include "chaincore/base/buf.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"

enum { MAX_LIBRARY_BYTES = 16 << 20 };

struct variable {
    uint8_t *place;
    uint64_t size;
    size_t kept_at; // in `kept`
};

struct native_memory {
    size_t count, capacity;
    struct variable *variables;
    struct buf kept;
};

struct library {
    const uint8_t *file;
    const Elf64_Shdr *sections;
    const Elf64_Sym *symbols;
    size_t symbol_count;
    const char *names;
};

static bool read_library(struct library *out, const struct buf *file) {
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)file->data;
    if (file->len < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64)
        return false;
    out->file = file->data;
    out->sections = (const Elf64_Shdr *)(const void *)(file->data + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        const Elf64_Shdr *section = &out->sections[i];
        if (section->sh_type != SHT_SYMTAB) continue;
        out->symbols = (const Elf64_Sym *)(const void *)(file->data + section->sh_offset);
        out->symbol_count = section->sh_size / sizeof *out->symbols;
        out->names = (const char *)file->data + out->sections[section->sh_link].sh_offset;
        return true;
    }
    return false;
}

// Is it a variable that the contract wrote down, and may change?
static bool is_variable(const struct library *library, const Elf64_Sym *symbol) {
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size == 0 ||
        symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
        return false;
    const char *name = library->names + symbol->st_name;
    return library->sections[symbol->st_shndx].sh_flags & SHF_WRITE && name[0] != '_' &&
           name[0] != '.' && strncmp(name, "completed.", 10) != 0;
}

// Byte by byte: the padding that sanitizers put between variables may be touched here.
__attribute__((no_sanitize("address"))) static void
copy(volatile uint8_t *to, const volatile uint8_t *from, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) to[i] = from[i];
}

static void keep(struct native_memory *memory, uint8_t *place, uint64_t size) {
    if (memory->count == memory->capacity) {
        memory->capacity = memory->capacity ? 2 * memory->capacity : 16;
        memory->variables =
            mem_resize(memory->variables, memory->capacity * sizeof *memory->variables);
    }
    memory->variables[memory->count++] =
        (struct variable){.place = place, .size = size, .kept_at = memory->kept.len};
    copy(buf_reserve(&memory->kept, size), place, size);
    memory->kept.len += size;
}

struct native_memory *native_memory_keep(const char *library_path, void *handle,
                                         const char *known) {
    struct buf file = {0};
    struct library library;
    struct native_memory *memory = NULL;
    uint8_t *base = NULL;
    uint8_t *place = dlsym(handle, known);
    if (!place || file_read(&file, library_path, MAX_LIBRARY_BYTES) != STATUS_OK ||
        !read_library(&library, &file))
        goto out;
    for (size_t i = 0; i < library.symbol_count && !base; i++)
        if (library.symbols[i].st_value != 0 &&
            strcmp(library.names + library.symbols[i].st_name, known) == 0)
            base = place - library.symbols[i].st_value;
    if (!base) goto out;
    memory = mem_alloc(sizeof *memory);
    for (size_t i = 0; i < library.symbol_count; i++)
        if (is_variable(&library, &library.symbols[i]))
            keep(memory, base + library.symbols[i].st_value, library.symbols[i].st_size);
out:
    buf_clear(&file);
    return memory;
}

void native_memory_restore(struct native_memory *memory) {
    for (size_t i = 0; i < memory->count; i++)
        copy(memory->variables[i].place, memory->kept.data + memory->variables[i].kept_at,
             memory->variables[i].size);
}

void native_memory_free(struct native_memory *memory) {
    if (!memory) return;
    buf_clear(&memory->kept);
    mem_free(memory->variables);
    mem_free(memory);
}
