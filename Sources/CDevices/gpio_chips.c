#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "textpin_lines.h"
#include "textpin_machine.h"

// More than any board has.
enum { MOST_CHIPS = 64, MOST_LINES = 1 << 16 };

_Static_assert(
    sizeof((struct textpin_line_place){0}).name == GPIO_MAX_NAME_SIZE && sizeof((struct textpin_gpio_chip){0}).label == GPIO_MAX_NAME_SIZE,
    "the kernel's names fit");

// Text of the kernel's, which need not end with a zero.
static void copy_name(char to[GPIO_MAX_NAME_SIZE], const char from[GPIO_MAX_NAME_SIZE])
{
    size_t count = strnlen(from, GPIO_MAX_NAME_SIZE - 1);
    memcpy(to, from, count);
    memset(to + count, 0, GPIO_MAX_NAME_SIZE - count);
}

// MARK: Chips

// Raspberry Pi OS links /dev/gpiochip4 to a Pi 5's chip 0 for old programs: a link is no chip, or all of its lines were there twice.
static int open_chip(int32_t number)
{
    char path[32];
    snprintf(path, sizeof path, "/dev/gpiochip%d", number);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ELOOP)
        errno = ENOENT;
    return file;
}

static int32_t ask_chip(int file, struct textpin_gpio_chip *chip)
{
    struct gpiochip_info information = {0};
    if (ioctl(file, GPIO_GET_CHIPINFO_IOCTL, &information) != 0)
        return errno;
    copy_name(chip->label, information.label);
    chip->lines = information.lines < MOST_LINES ? (int32_t)information.lines : MOST_LINES;
    return 0;
}

int32_t textpin_gpio_chip(int32_t number, struct textpin_gpio_chip *chip)
{
    int file = open_chip(number);
    if (file < 0)
        return errno;
    int32_t error = ask_chip(file, chip);
    close(file);
    return error;
}

int32_t textpin_gpio_chip_limit(void)
{
    return MOST_CHIPS;
}

// MARK: Lines

static bool ask_line(int file, int32_t number, const struct textpin_gpio_chip *chip, uint32_t offset, struct textpin_line_place *place)
{
    struct gpio_v2_line_info line = {.offset = offset};
    if (ioctl(file, GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0)
        return false;
    *place = (struct textpin_line_place){.offset = offset, .is_used = (line.flags & GPIO_V2_LINE_FLAG_USED) != 0};
    snprintf(place->chip_path, sizeof place->chip_path, "/dev/gpiochip%d", number);
    memcpy(place->chip_label, chip->label, sizeof place->chip_label);
    copy_name(place->name, line.name);
    copy_name(place->consumer, line.consumer);
    return true;
}

bool textpin_line_at(int32_t chip, uint32_t offset, struct textpin_line_place *place)
{
    int file = open_chip(chip);
    if (file < 0)
        return false;
    struct textpin_gpio_chip description;
    bool found = ask_chip(file, &description) == 0 && offset < (uint32_t)description.lines
        && ask_line(file, chip, &description, offset, place);
    close(file);
    return found;
}

static bool is_text(const char *text, size_t size, const char *wished, size_t count)
{
    return strnlen(text, size) == count && memcmp(text, wished, count) == 0;
}

// How many lines of a chip have a name; the first is written to `place`.
static int32_t count_named(
    int file, int32_t number, const struct textpin_gpio_chip *chip, const char *name, size_t count, struct textpin_line_place *place)
{
    int32_t found = 0;
    for (int32_t offset = 0; offset < chip->lines; offset++) {
        struct textpin_line_place line;
        if (!ask_line(file, number, chip, (uint32_t)offset, &line) || !is_text(line.name, sizeof line.name, name, count))
            continue;
        if (found == 0)
            *place = line;
        found += 1;
    }
    return found;
}

static int32_t result_of(int32_t found, bool is_denied)
{
    if (found > 0)
        return found == 1 ? 0 : EEXIST;
    return is_denied ? EACCES : ENOENT;
}

int32_t textpin_line_find_named(const char *name, size_t count, struct textpin_line_place *place)
{
    int32_t found = 0;
    bool is_denied = false;
    // Lines without a name have an empty one.
    for (int32_t number = 0; number < MOST_CHIPS && count > 0; number++) {
        struct textpin_gpio_chip chip;
        struct textpin_line_place line;
        int file = open_chip(number);
        if (file < 0) {
            is_denied |= errno == EACCES || errno == EPERM;
            continue;
        }
        int32_t named = ask_chip(file, &chip) == 0 ? count_named(file, number, &chip, name, count, &line) : 0;
        close(file);
        if (named > 0 && found == 0)
            *place = line;
        found += named;
    }
    return result_of(found, is_denied);
}

int32_t textpin_line_find_offset(const char *label, size_t count, uint32_t offset, struct textpin_line_place *place)
{
    int32_t found = 0;
    int32_t chip_number = -1;
    bool is_denied = false;
    for (int32_t number = 0; number < MOST_CHIPS; number++) {
        struct textpin_gpio_chip chip;
        int32_t error = textpin_gpio_chip(number, &chip);
        is_denied |= error == EACCES || error == EPERM;
        if (error != 0 || !is_text(chip.label, sizeof chip.label, label, count))
            continue;
        chip_number = number;
        found += 1;
    }
    int32_t result = result_of(found, is_denied);
    return result != 0 || textpin_line_at(chip_number, offset, place) ? result : EINVAL;
}

bool textpin_gpio_has_line(const char *name, size_t count)
{
    struct textpin_line_place place;
    int32_t result = textpin_line_find_named(name, count, &place);
    return result == 0 || result == EEXIST;
}
