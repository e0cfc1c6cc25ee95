#include "textpin_kernels.h"
