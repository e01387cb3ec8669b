"""watchfire operator: the account file. Usage: test_operator.py WATCHFIRE"""
import os
import stat
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE = os.path.abspath(sys.argv[1])
SECRET = "correct horse battery"


def run(*args, password=""):
    done = subprocess.run([WATCHFIRE, "operator", *args], input=password + "\n", capture_output=True, timeout=30,
                          check=False, text=True)
    return done.returncode, done.stdout, done.stderr


class Operator(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "accounts")

    def tearDown(self):
        self.folder.cleanup()

    def add(self, name, role, *more):
        return run("add", self.file, name, "--role", role, *more, password=SECRET)

    def test_life_of_an_account(self):
        self.assertEqual(self.add("sato", "watch_officer"), (0, "", ""))
        self.assertEqual(self.add("kim", "release_authority", "--no-password")[0], 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o640)
        self.assertNotIn(SECRET, open(self.file, encoding="utf-8").read())
        code, out, _ = run("list", self.file)
        rows = [line.split() for line in out.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual(rows[0], ["sato", "watch_officer", "active", "password"])
        self.assertEqual(rows[1], ["kim", "release_authority", "active", "certificate", "only"])
        self.assertEqual(run("check", self.file, "sato", password=SECRET)[:2], (0, "right\n"))
        self.assertEqual(run("check", self.file, "sato", password="another one")[:2], (1, "wrong\n"))
        self.assertEqual(run("check", self.file, "kim", password="")[:2], (1, "wrong\n"))
        self.assertEqual(run("password", self.file, "SATO", password="quite another one")[0], 0)
        self.assertEqual(run("check", self.file, "sato", password=SECRET)[0], 1)
        self.assertEqual(run("role", self.file, "sato", "--role", "viewer")[0], 0)
        self.assertEqual(run("disable", self.file, "sato")[0], 0)
        self.assertEqual(run("list", self.file)[1].splitlines()[0].split()[:3], ["sato", "viewer", "disabled"])
        self.assertEqual(run("remove", self.file, "sato")[0], 0)
        self.assertEqual(len(run("list", self.file)[1].splitlines()), 1)

    def test_refusals(self):
        self.assertEqual(self.add("sato", "watch_officer")[0], 0)
        before = open(self.file, encoding="utf-8").read()
        for args, password, words in [
                (("add", self.file, "Sato", "--role", "viewer"), SECRET, "there already"),
                (("add", self.file, "kim", "--role", "king"), SECRET, "--role"),
                (("add", self.file, "kim"), SECRET, "--role"),
                (("add", self.file, "kim", "--role", "viewer"), "short", "12 bytes"),
                (("add", self.file, "a\tb", "--role", "viewer"), SECRET, "31 plain bytes"),
                (("password", self.file, "kim"), SECRET, "nobody"),
                (("explode", self.file, "sato"), "", "unknown action"),
                (("list", self.file + "-none"), "", "No such file")]:
            code, _, err = run(*args, password=password)
            self.assertEqual(code, 2, args)
            self.assertIn(words, err)
        self.assertEqual(open(self.file, encoding="utf-8").read(), before)
        os.chmod(self.file, 0o644)
        self.assertIn("others can read", run("list", self.file)[2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
