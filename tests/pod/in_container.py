"""Changes what a container's image brought, such as a program, and lets its programs see another time of day. Root file systems of the pod
are read-only inside of the containers only."""
import contextlib
import os
import pathlib
import shutil
import subprocess

from faults import shell

CLOCK = pathlib.Path(__file__).with_name("other_clock.c")
LIBRARY = "usr/lib/podplay-other-clock.so"
PRELOAD = "etc/ld.so.preload"


def root_of(pod, service):
    """Where the host sees the container's root file system, without its volumes."""
    done = pod.podman("mount", f"{pod.name}-{service}")
    assert done.returncode == 0, done.stderr
    return pathlib.Path(done.stdout.strip())


def restart(pod, service):
    done = pod.podman("restart", "--time", "10", f"{pod.name}-{service}")
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def replaced(pod, service, path, change):
    """A program of the container, as `change` makes it of its bytes; the container is started again with it."""
    program = root_of(pod, service) / path
    kept = program.read_bytes()
    mode = program.stat().st_mode

    def put(content):
        # Beside it: a file that runs cannot be written.
        beside = program.with_suffix(".new")
        beside.write_bytes(content)
        beside.chmod(mode)
        os.replace(beside, program)
        restart(pod, service)

    changed = change(kept)
    assert changed != kept, f"nothing to change in {path}"
    try:
        put(changed)
        yield
    finally:
        put(kept)


class OtherClock:
    """The time of day of one container's programs, which `set` moves by so many seconds. Nobody else's clock moves."""

    def __init__(self, pod, service, folder):
        self.pod, self.service = pod, service
        built = pathlib.Path(folder) / "other_clock.so"
        subprocess.run(["g++", "-x", "c", "-O1", "-shared", "-fPIC", "-o", built, CLOCK], check=True)
        self.root = root_of(pod, service)
        # Not over one that programs have open.
        beside = (self.root / LIBRARY).with_suffix(".new")
        shutil.copyfile(built, beside)
        beside.chmod(0o755)
        os.replace(beside, self.root / LIBRARY)
        self.set(0)
        (self.root / PRELOAD).write_text(f"/{LIBRARY}\n")
        (self.root / PRELOAD).chmod(0o644)
        restart(pod, service)
        pod.wait_ready()

    def set(self, seconds):
        # In one step: a program may read it in between.
        shell(self.pod, self.service, f"echo {seconds} > /tmp/other-clock.new; mv /tmp/other-clock.new /tmp/other-clock")

    def remove(self):
        """Programs that run have it until their end, and see the machine's time."""
        self.set(0)
        (self.root / PRELOAD).unlink()
