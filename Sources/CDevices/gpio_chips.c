#include "textpin_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// More than any board has.
enum { MOST_CHIPS = 64 };

static int open_chip(int32_t number)
{
    char path[32];
    snprintf(path, sizeof path, "/dev/gpiochip%d", number);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int32_t textpin_gpio_chip(int32_t number, struct textpin_gpio_chip *chip)
{
    int file = open_chip(number);
    if (file < 0)
        return errno;
    struct gpiochip_info information = {0};
    int32_t error = ioctl(file, GPIO_GET_CHIPINFO_IOCTL, &information) == 0 ? 0 : errno;
    close(file);
    if (error != 0)
        return error;
    _Static_assert(sizeof chip->label == sizeof information.label, "the kernel's labels fit");
    memcpy(chip->label, information.label, sizeof chip->label);
    chip->label[sizeof chip->label - 1] = '\0';
    chip->lines = (int32_t)information.lines;
    return 0;
}

int32_t textpin_gpio_chip_limit(void)
{
    return MOST_CHIPS;
}

static bool has_line(int file, int32_t lines, const char *name, size_t count)
{
    for (int32_t offset = 0; offset < lines; offset++) {
        struct gpio_v2_line_info line = {.offset = (uint32_t)offset};
        if (ioctl(file, GPIO_V2_GET_LINEINFO_IOCTL, &line) == 0 && strnlen(line.name, sizeof line.name) == count
            && memcmp(line.name, name, count) == 0)
            return true;
    }
    return false;
}

bool textpin_gpio_has_line(const char *name, size_t count)
{
    for (int32_t number = 0; number < MOST_CHIPS; number++) {
        struct textpin_gpio_chip chip;
        int file;
        if (textpin_gpio_chip(number, &chip) != 0 || (file = open_chip(number)) < 0)
            continue;
        bool found = has_line(file, chip.lines, name, count);
        close(file);
        if (found)
            return true;
    }
    return false;
}
