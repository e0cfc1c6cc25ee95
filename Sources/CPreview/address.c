#define _GNU_SOURCE
#include "textpin_preview.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

// A host's name has at most 255 bytes (RFC 1123, section 2.1).
enum { NAME_BYTES = 256 };

static bool read_port(const char *text, uint16_t *port)
{
    uint32_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (uint32_t)(*text - '0');
        if (number > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)number;
    return true;
}

// Splits "name", "name:port", "[IPv6]" or "[IPv6]:port"; `port` is left empty where there is none. False if it is none of them.
static bool split(const char *text, char name[NAME_BYTES], bool *is_bracketed, const char **port)
{
    *is_bracketed = *text == '[';
    const char *start = *is_bracketed ? text + 1 : text;
    size_t count = strcspn(start, *is_bracketed ? "]" : ":");
    const char *rest = start + count;
    if (*is_bracketed && *rest++ != ']')
        return false;
    if (count >= NAME_BYTES || (*rest != '\0' && *rest != ':'))
        return false;
    memcpy(name, start, count);
    name[count] = '\0';
    *port = *rest == ':' ? rest + 1 : "";
    return true;
}

static void map_ipv4(const uint8_t four[4], uint8_t sixteen[16])
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    memcpy(sixteen, prefix, sizeof prefix);
    memcpy(sixteen + sizeof prefix, four, 4);
}

bool textpin_preview_read_address(const char *text, struct textpin_preview_address *address)
{
    char name[NAME_BYTES];
    bool is_bracketed;
    const char *port;
    if (!split(text, name, &is_bracketed, &port) || !read_port(port, &address->port))
        return false;
    address->is_ipv4 = !is_bracketed;
    if (is_bracketed) {
        static const uint8_t loopback[16] = {[15] = 1};
        if (inet_pton(AF_INET6, name, address->bytes) != 1)
            return false;
        address->is_loopback = memcmp(address->bytes, loopback, sizeof loopback) == 0;
        return true;
    }
    uint8_t four[4];
    if (inet_pton(AF_INET, name[0] == '\0' || strcmp(name, "localhost") == 0 ? "127.0.0.1" : name, four) != 1)
        return false;
    map_ipv4(four, address->bytes);
    address->is_loopback = four[0] == 127;
    return true;
}

static bool is_machine_name(const char *name)
{
    char own[NAME_BYTES] = "";
    if (gethostname(own, sizeof own - 1) != 0 || own[0] == '\0')
        return false;
    size_t count = strlen(own);
    return strncasecmp(name, own, count) == 0 && (name[count] == '\0' || strcasecmp(name + count, ".local") == 0);
}

bool textpin_preview_is_own_host(const char *host)
{
    char name[NAME_BYTES];
    bool is_bracketed;
    const char *port;
    uint16_t number;
    if (!split(host, name, &is_bracketed, &port) || (*port != '\0' && !read_port(port, &number)))
        return false;
    uint8_t address[16];
    if (is_bracketed)
        return inet_pton(AF_INET6, name, address) == 1;
    return inet_pton(AF_INET, name, address) == 1 || strcasecmp(name, "localhost") == 0 || is_machine_name(name);
}
