#include "textpin_model_file.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the model file is read in place: little-endian machines only");
_Static_assert(offsetof(struct textpin_model_header, checksum) == TEXTPIN_MODEL_CHECKSUM_OFFSET, "checksum's place");
_Static_assert(sizeof(struct textpin_model_header) % 8 == 0, "records follow the header on a multiple of 8");
_Static_assert(sizeof(struct textpin_model_tensor) % 8 == 0, "records lie on multiples of 8");
_Static_assert(sizeof(struct textpin_model_step) % 8 == 0, "records lie on multiples of 8");

// Four bytes a turn by four tables made from one polynomial; the tables live on the stack, so nothing needs initialising once.
uint32_t textpin_checksum(uint32_t checksum, const void *data, size_t bytes)
{
    uint32_t table[4][256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ ((value & 1) ? 0xedb88320u : 0);
        table[0][i] = value;
    }
    for (int k = 1; k < 4; k++)
        for (uint32_t i = 0; i < 256; i++)
            table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];

    const uint8_t *next = data;
    uint32_t state = ~checksum;
    for (; bytes >= 4; bytes -= 4, next += 4) {
        uint32_t word;
        memcpy(&word, next, 4);
        state ^= word;
        state = table[3][state & 0xff] ^ table[2][(state >> 8) & 0xff] ^ table[1][(state >> 16) & 0xff] ^ table[0][state >> 24];
    }
    for (; bytes > 0; bytes--, next++)
        state = (state >> 8) ^ table[0][(state ^ *next) & 0xff];
    return ~state;
}
