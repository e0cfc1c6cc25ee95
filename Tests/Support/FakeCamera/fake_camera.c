#include "fake_camera.h"
