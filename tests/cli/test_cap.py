"""watchfire cap check: one verdict per file, exit codes, and nothing is opened. Usage: test_cap.py WATCHFIRE VECTORS"""
import csv
import os
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE, VECTORS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


def run(*args, stdin=None):
    done = subprocess.run([WATCHFIRE, "cap", *args], input=stdin, capture_output=True, timeout=20, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def vector(name):
    return os.path.join(VECTORS, name)


class Check(unittest.TestCase):
    def test_a_line_per_file(self):
        with open(vector("manifest.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        code, out, err = run("check", *(vector(r["file"]) for r in rows))
        self.assertEqual((code, err), (1, ""))
        lines = out.splitlines()
        self.assertEqual(len(lines), len(rows))
        for row, line in zip(rows, lines):
            want = "reject" if row["xsd12_verdict"] == "invalid" else row["rule_verdict"]
            name, verdict = line.split(": ", 1)
            self.assertEqual((name, verdict.split()[0]), (vector(row["file"]), want), line)
            self.assertEqual(want == "accept", verdict == "accept")  # others name their rule

    def test_exit_codes(self):
        self.assertEqual(run("check", vector("ok.xml"))[0], 0)
        self.assertEqual(run("check", vector("utc_plus.xml"))[0], 0)  # a warning is no rejection
        self.assertEqual(run("check", vector("utc_Z.xml"), vector("ok.xml"))[0], 1)
        for args in ([], ["check"], ["chek", "a"], ["check", "--fast", vector("ok.xml")]):
            self.assertEqual(run(*args)[0], 2, args)
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        self.assertIn("Example:", out)

    def test_a_file_that_is_not_there(self):
        code, out, err = run("check", vector("absent.xml"), vector("ok.xml"))
        self.assertEqual(code, 1)
        self.assertIn("absent.xml", err)
        self.assertEqual(out.count("accept"), 1)  # the rest is processed

    def test_standard_input(self):
        with open(vector("ok.xml"), "rb") as file:
            self.assertEqual(run("check", "-", stdin=file.read())[:2], (0, "-: accept\n"))
        self.assertIn("1-size", run("check", "-", stdin=b"")[1])

    def test_nothing_is_opened(self):
        """Whoever opens a pipe that nobody writes to waits for ever."""
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            for head in (f'<!DOCTYPE alert SYSTEM "{pipe}">', f'<!DOCTYPE alert [<!ENTITY a SYSTEM "file://{pipe}">]>',
                         f'<!DOCTYPE alert [<!ENTITY % a SYSTEM "{pipe}"> %a;]>',
                         f'<?xml-stylesheet type="text/xsl" href="{pipe}"?>'):
                text = f'{head}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&a;</identifier></alert>'
                code, out, _ = run("check", "-", stdin=text.encode())
                self.assertEqual(code, 1)
                self.assertIn("reject", out)

    def test_the_list_of_rules(self):
        code, out, _ = run("rules")
        self.assertEqual(code, 0)
        self.assertEqual([int(line.split()[0]) for line in out.splitlines()], list(range(1, len(out.splitlines()) + 1)))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
