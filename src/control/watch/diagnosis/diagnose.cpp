#include "control/watch/diagnosis/diagnose.hpp"
#include "control/watch/diagnosis/cause.hpp"
