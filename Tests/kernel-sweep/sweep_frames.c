// Rows of camera frames: every layout, from a fourth of the size to eight times it, with memory that ends where the row does.
#define _DEFAULT_SOURCE
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/// Bytes that end at the end of a page which nothing follows: to read past them ends the sweep.
struct guarded {
    uint8_t *bytes;
    void *region;
    size_t region_size;
};

static struct guarded draw_guarded(size_t size, bool extremes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (size + page - 1) / page * page;
    struct guarded guarded = {.region_size = used + page};
    guarded.region = mmap(NULL, guarded.region_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guarded.region == MAP_FAILED || mprotect((uint8_t *)guarded.region + used, page, PROT_NONE) != 0) {
        fprintf(stderr, "sweep: no guarded memory for %zu bytes\n", size);
        exit(70);
    }
    guarded.bytes = (uint8_t *)guarded.region + used - size;
    for (size_t i = 0; i < size; i++) {
        guarded.bytes[i] = (uint8_t)(extremes ? (one_in(2) ? 0 : UINT8_MAX) : draw(0, UINT8_MAX));
    }
    return guarded;
}

/// A row's bytes in each plane of its layout.
static void plane_sizes(int32_t layout, int32_t width, size_t sizes[3])
{
    size_t pixels = (size_t)width, chroma = (pixels + 1) / 2;
    sizes[0] = layout == TEXTPIN_FRAME_YUYV ? 4 * chroma : layout <= TEXTPIN_FRAME_BGR ? 3 * pixels : pixels;
    sizes[1] = layout == TEXTPIN_FRAME_NV12 ? 2 * chroma : layout == TEXTPIN_FRAME_I420 ? chroma : 0;
    sizes[2] = layout == TEXTPIN_FRAME_I420 ? chroma : 0;
}

/// Equation 9's position of column `index` of `pixels` among `samples`, which stand for `extent` halves of a sample.
static int32_t position(int32_t index, int32_t pixels, int32_t extent, int32_t samples)
{
    int64_t place = ((2 * (int64_t)index + 1) * extent * 128 / pixels - 256) >> 1, last = (int64_t)(samples - 1) * 256;
    return (int32_t)(place < 0 ? 0 : place > last ? last : place);
}

/// Positions as a picture's scaling has them, or any that never step back.
static void draw_columns(struct textpin_frame_column *columns, int32_t pixels, int32_t width, bool chroma)
{
    bool scaled = !one_in(3);
    int32_t samples = (width + 1) / 2, place = 0, chroma_place = 0;
    for (int32_t x = 0; x < pixels; x++) {
        if (scaled) {
            place = position(x, pixels, 2 * width, width);
            chroma_place = position(x, pixels, width, samples);
        } else {
            int32_t last = (width - 1) * 256, chroma_last = (samples - 1) * 256;
            place += draw(0, 1 + 2 * last / pixels);
            place = place > last ? last : place;
            chroma_place += draw(0, 1 + 2 * chroma_last / pixels);
            chroma_place = chroma_place > chroma_last ? chroma_last : chroma_place;
        }
        int32_t second = chroma ? chroma_place : place;
        columns[x] = (struct textpin_frame_column){
            .first = (uint16_t)(place >> 8),
            .weight = (uint16_t)(place & 255),
            .chroma_first = (uint16_t)(second >> 8),
            .chroma_weight = (uint16_t)(second & 255),
        };
    }
}

static void sweep_row(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle, int32_t index)
{
    enum { MOST_PIXELS = 400 };
    static struct textpin_frame_column columns[MOST_PIXELS];
    int32_t layout = index % (TEXTPIN_FRAME_I420 + 1);
    int32_t pixels = one_in(8) ? draw(1, 63) : draw(64, one_in(4) ? MOST_PIXELS : 140);
    int32_t width = one_in(6) ? 2 * pixels : one_in(6) ? draw(1, 4) : draw((pixels + 3) / 4, 8 * pixels);
    bool chroma = layout >= TEXTPIN_FRAME_YUYV, extremes = one_in(4);
    draw_columns(columns, pixels, width, chroma);
    struct textpin_frame_row row = {
        .layout = layout,
        .frame_width = width,
        .weight = one_in(4) ? 0 : draw(0, 255),
        .pixels = pixels,
        .blue_first = one_in(2),
        .columns = columns,
    };
    row.chroma_weight = layout < TEXTPIN_FRAME_NV12 ? row.weight : one_in(4) ? 0 : draw(0, 255);
    size_t sizes[3];
    plane_sizes(layout, width, sizes);
    struct guarded upper[3], lower[3];
    for (int32_t plane = 0; plane < 3; plane++) {
        upper[plane] = draw_guarded(sizes[plane], extremes);
        lower[plane] = draw_guarded(sizes[plane], extremes);
    }
    row.upper = (struct textpin_frame_planes){upper[0].bytes, upper[1].bytes, upper[2].bytes};
    row.lower = (struct textpin_frame_planes){lower[0].bytes, lower[1].bytes, lower[2].bytes};
    if (row.weight == 0) {
        row.lower.pixels = row.upper.pixels;
    }
    if (row.chroma_weight == 0) {
        row.lower.cb = row.upper.cb;
        row.lower.cr = row.upper.cr;
    }
    int32_t offset = draw(0, 63);
    struct buffer expected = new_buffer((size_t)(offset + 4 * pixels));
    fill(expected, INT8_MIN, INT8_MAX);
    struct buffer got = copy_of(expected);
    oracle->frame_row(&row, expected.bytes + offset);
    set->frame_row(&row, got.bytes + offset);
    expect(same_bytes(expected, got), "%s: frame row %d: layout %d, %d of %d pixels, weights %d and %d, blue first %d", set->name, index,
           layout, pixels, width, row.weight, row.chroma_weight, row.blue_first);
    for (int32_t plane = 0; plane < 3; plane++) {
        munmap(upper[plane].region, upper[plane].region_size);
        munmap(lower[plane].region, lower[plane].region_size);
    }
    release(expected);
    release(got);
}

void sweep_frames(const struct textpin_kernel_set *set, const struct textpin_kernel_set *oracle)
{
    for (int32_t index = 0; index < 1200; index++) {
        sweep_row(set, oracle, index);
    }
}
