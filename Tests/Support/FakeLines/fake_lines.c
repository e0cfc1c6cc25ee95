#include "fake_lines.h"
