#include "usb-ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COMMAND_SUBMIT = 1, COMMAND_UNLINK = 2, ANSWER_SUBMIT = 3, ANSWER_UNLINK = 4 };
enum { DIRECTION_IN = 1, HIGH_SPEED = 3, CONTROL_ENDPOINT = 0 };

/// All fields are big-endian.
struct message {
    uint32_t command;
    uint32_t sequence;
    uint32_t device;
    uint32_t direction;
    uint32_t endpoint;
    union {
        struct {
            uint32_t flags;
            uint32_t size;
            uint32_t start_frame;
            uint32_t packets;
            uint32_t interval;
            uint8_t setup[8];
        } submit;
        struct {
            uint32_t status;
            uint32_t size;
            uint32_t start_frame;
            uint32_t packets;
            uint32_t errors;
        } submitted;
        uint32_t unlink_sequence;
        uint32_t unlink_status;
    };
};
static_assert(sizeof(struct message) == 48, "the size that the protocol states");

int usb_ip_plug(struct usb_ip *usb, uint32_t port) {
    int ends[2];
    memset(usb, 0, sizeof(*usb));
    usb->socket = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return errno;
    }
    int file = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY | O_CLOEXEC);
    int status = file < 0 ? errno : 0;
    // Port, descriptor, a number of the device that is of no use here, and its speed.
    if (status == 0 && dprintf(file, "%u %d %u %d", port, ends[1], port + 1, HIGH_SPEED) < 0) {
        status = errno;
    }
    if (file >= 0) {
        close(file);
    }
    // The kernel has its own hold of that end.
    close(ends[1]);
    if (status != 0) {
        close(ends[0]);
        return status;
    }
    usb->socket = ends[0];
    return 0;
}

static bool receive(struct usb_ip *usb, void *bytes, size_t count) {
    // For no bytes, recv would wait until there are some.
    return count == 0 || recv(usb->socket, bytes, count, MSG_WAITALL) == (ssize_t)count;
}

static bool answer(struct usb_ip *usb, struct message *message, const uint8_t *bytes, size_t count) {
    struct iovec parts[] = {{message, sizeof(*message)}, {(void *)bytes, count}};
    struct msghdr whole = {.msg_iov = parts, .msg_iovlen = 2};
    while (parts[1].iov_len > 0 || parts[0].iov_len > 0) {
        ssize_t sent = sendmsg(usb->socket, &whole, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        for (int part = 0; part < 2; part++) {
            size_t taken = (size_t)sent < parts[part].iov_len ? (size_t)sent : parts[part].iov_len;
            parts[part].iov_base = (uint8_t *)parts[part].iov_base + taken;
            parts[part].iov_len -= taken;
            sent -= (ssize_t)taken;
        }
    }
    return true;
}

static bool answer_submit(struct usb_ip *usb, uint32_t sequence, int32_t status, const uint8_t *bytes, uint32_t size) {
    struct message message = {.command = htonl(ANSWER_SUBMIT), .sequence = htonl(sequence)};
    message.submitted.status = htonl((uint32_t)status);
    message.submitted.size = htonl(size);
    return answer(usb, &message, bytes, bytes == NULL ? 0 : size);
}

static bool handle_control(struct usb_ip *usb, const struct message *message, usb_control *control, void *context) {
    const uint8_t *setup = message->submit.setup;
    struct usb_request request = {
        .type = setup[0],
        .request = setup[1],
        .value = (uint16_t)(setup[2] | setup[3] << 8),
        .index = (uint16_t)(setup[4] | setup[5] << 8),
        .length = (uint16_t)(setup[6] | setup[7] << 8),
    };
    uint8_t data[USB_IP_ANSWER] = {0};
    uint32_t size = ntohl(message->submit.size);
    bool is_in = ntohl(message->direction) == DIRECTION_IN;
    if (!is_in && (size > sizeof(data) || request.length != size || !receive(usb, data, size))) {
        return false;
    }
    int32_t count = control(context, request, data);
    if (count < 0) {
        return answer_submit(usb, ntohl(message->sequence), -EPIPE, NULL, 0);
    }
    if (!is_in) {
        return answer_submit(usb, ntohl(message->sequence), 0, NULL, size);
    }
    uint32_t sent = (uint32_t)count < size ? (uint32_t)count : size;
    return answer_submit(usb, ntohl(message->sequence), 0, data, sent);
}

static bool handle_unlink(struct usb_ip *usb, const struct message *message) {
    uint32_t sequence = ntohl(message->unlink_sequence), kept = 0;
    bool was_waiting = false;
    for (uint32_t i = 0; i < usb->waiting_count; i++) {
        if (usb->waiting[i].sequence == sequence) {
            was_waiting = true;
        } else {
            usb->waiting[kept++] = usb->waiting[i];
        }
    }
    usb->waiting_count = kept;
    struct message reply = {.command = htonl(ANSWER_UNLINK), .sequence = message->sequence};
    reply.unlink_status = htonl(was_waiting ? (uint32_t)-ECONNRESET : 0);
    return answer(usb, &reply, NULL, 0);
}

bool usb_ip_handle(struct usb_ip *usb, usb_control *control, void *context) {
    struct message message;
    if (!receive(usb, &message, sizeof(message))) {
        return false;
    }
    switch (ntohl(message.command)) {
    case COMMAND_UNLINK:
        return handle_unlink(usb, &message);
    case COMMAND_SUBMIT:
        if (ntohl(message.endpoint) == CONTROL_ENDPOINT) {
            return handle_control(usb, &message, control, context);
        }
        // The device has one more endpoint, and that one sends.
        if (ntohl(message.direction) != DIRECTION_IN || usb->waiting_count == USB_IP_WAITING) {
            return false;
        }
        usb->waiting[usb->waiting_count].sequence = ntohl(message.sequence);
        usb->waiting[usb->waiting_count].size = ntohl(message.submit.size);
        usb->waiting_count += 1;
        return true;
    default:
        return false;
    }
}

bool usb_ip_send(struct usb_ip *usb, const uint8_t *bytes, uint32_t count) {
    assert(usb->waiting_count > 0 && count <= usb->waiting[0].size);
    uint32_t sequence = usb->waiting[0].sequence;
    usb->waiting_count -= 1;
    memmove(usb->waiting, usb->waiting + 1, usb->waiting_count * sizeof(usb->waiting[0]));
    return answer_submit(usb, sequence, 0, bytes, count);
}
