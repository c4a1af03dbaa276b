// podplay-agent: PID 1 of every service container.
#include "agent/program.hpp"

int main(int argc, char** argv) { return podplay::agent::run_program({argv + 1, argv + argc}); }
