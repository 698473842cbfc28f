// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/network.h"

#include "apps/common/http/text.h"

static bool has_bits_behind(const struct ip_network *network) {
    for (unsigned bit = network->bits; bit < 128; bit++)
        if (network->address.bytes[bit / 8] & 0x80 >> bit % 8) return true;
    return false;
}

bool network_parse(struct ip_network *out, const char *text) {
    char copy[IP_TEXT];
    size_t len = strcspn(text, "/");
    uint64_t bits = 0;
    if (len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!ip_parse(&out->address, copy)) return false;
    bool is_short = !strchr(copy, ':'); // written as IPv4
    unsigned most = is_short ? 32 : 128;
    if (text[len] && text_u64(bytes_of_string(text + len + 1), &bits) != STATUS_OK) return false;
    if (!text[len]) bits = most;
    if (bits > most) return false;
    out->bits = (unsigned)bits + 128 - most;
    return !has_bits_behind(out);
}

bool network_has(const struct ip_network *network, const struct ip_address *address) {
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xFF00U >> rest);
    return (network->address.bytes[whole] & mask) == (address->bytes[whole] & mask);
}
