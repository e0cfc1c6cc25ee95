// What network.h holds was written by SelfCheckTests: a model file and the digest of its logits.
#include "textpin_self_check.h"

#include <stdalign.h>

#include "network.h"

const uint8_t *textpin_self_check_network(void)
{
    return network;
}

size_t textpin_self_check_network_bytes(void)
{
    return sizeof network;
}

uint32_t textpin_self_check_network_digest(void)
{
    return network_digest;
}
