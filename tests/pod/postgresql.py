"""A PostgreSQL server of the tests' own, which a pod reaches at the address that this machine has in the pod's network."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time


class Postgresql:
    def __init__(self, address, port):
        self.address, self.port = address, port
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="podplay-test-"))
        # PostgreSQL does not run as root.
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = self.folder / "data"
        self.run("initdb", "--auth=trust", "--username=podplay", "--no-sync", f"--pgdata={self.data}")
        with open(self.data / "pg_hba.conf", "a", encoding="ascii") as rules:
            rules.write("host all all samenet trust\n")
        self.process = None
        self.start()
        self.sql("CREATE DATABASE podplay")
        self.url = f"postgresql://podplay@{address}:{port}/podplay"

    def run(self, program, *arguments):
        done = subprocess.run([*self.user, self.programs / program, *arguments], capture_output=True, text=True, timeout=60, cwd="/")
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
        return done.stdout

    def sql(self, command, database="postgres"):
        return self.run("psql", "--quiet", f"--host={self.folder}", f"--port={self.port}", "--username=podplay", f"--dbname={database}", "--command", command)

    def start(self):
        """It ends with the tests, also when they are killed."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.user[1:], self.programs / "postgres", "-D", self.data, "-p", str(self.port), "-k", self.folder,
                 "-c", f"listen_addresses={self.address}", "-c", "fsync=off"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        deadline = time.monotonic() + 20
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)], timeout=20).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)
