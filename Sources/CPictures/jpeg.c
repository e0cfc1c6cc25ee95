#include "textpin_pictures.h"
