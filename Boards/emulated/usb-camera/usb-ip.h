// A USB device as a program: the server's side of USB/IP, spoken to the kernel's own vhci_hcd.
// Source: the kernel's Documentation/usb/usbip_protocol.rst.
#ifndef TEXTPIN_USB_IP_H
#define TEXTPIN_USB_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bulk transfers that the host has asked for and that are not answered yet; uvcvideo asks for five at once.
#define USB_IP_WAITING 64
/// The longest answer to a control request.
#define USB_IP_ANSWER 1024

struct usb_ip {
    int socket;
    uint32_t waiting_count;
    struct {
        uint32_t sequence;
        uint32_t size;
    } waiting[USB_IP_WAITING];
};

/// The eight bytes that begin a control request.
struct usb_request {
    uint8_t type;
    uint8_t request;
    uint16_t value;
    uint16_t index;
    uint16_t length;
};

/// Answers a control request. `data` holds what the host sent, `request.length` bytes, or takes what it asked for. Returns the answer's size, 0 for
/// a request that just succeeds, or -1 to stall.
typedef int32_t usb_control(void *context, struct usb_request request, uint8_t data[USB_IP_ANSWER]);

/// Plugs the device into a high-speed port of vhci_hcd. Returns 0 or an errno.
int usb_ip_plug(struct usb_ip *usb, uint32_t port);
/// Handles one message of the host's, which must be there. Returns false when the host has closed the connection or speaks something else.
bool usb_ip_handle(struct usb_ip *usb, usb_control *control, void *context);
/// Answers the oldest waiting bulk transfer; `count` is at most its size. False when the host has closed the connection.
bool usb_ip_send(struct usb_ip *usb, const uint8_t *bytes, uint32_t count);

#endif
