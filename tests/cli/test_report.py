"""watchfire report RECORDING and watchfire top. Usage: test_report.py WATCHFIRE"""
import html.parser
import os
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE = os.path.abspath(sys.argv[1])


def run(*args):
    done = subprocess.run([WATCHFIRE, *args], capture_output=True, timeout=240, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Page(html.parser.HTMLParser):
    """Tags must close in order; whatever could load something is noted."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.tags, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("script", "link", "img", "iframe", "object") or any(k in ("src", "href", "style") for k, _ in attrs):
            self.faults.append(f"{tag} {attrs}")
        if tag not in ("meta", "br", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag == "path":
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes another")

    def handle_data(self, data):
        self.text += data


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        code, _, err = run("demo", "--speed", "max", "--out", cls.folder.name)
        assert code == 0, err
        cls.recording = os.path.join(cls.folder.name, "JPN/JPN.wfrec")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_three_languages(self):
        for language, words in (("en", ("EXERCISE", "What sharing was worth", "Replayed to the bit")),
                                ("ja", ("訓練", "共有の効果", "完全に再現")), ("ko", ("훈련", "공유의 효과", "완전히 재현"))):
            code, out, err = run("report", self.recording, "-o", "-", "--lang", language)
            self.assertEqual((code, err), (0, ""))
            page = Page()
            page.feed(out)
            self.assertEqual((page.open, page.faults), ([], []))
            for word in words + ("exercise officer 1", "exercise officer 2", "JPN", "KOR", "USA"):
                self.assertIn(word, page.text)
            self.assertGreaterEqual(page.tags.count("svg"), 3)
            self.assertIn("default-src 'none'; style-src 'sha256-", out)
            self.assertNotIn("http://", out)
            self.assertNotIn("https://", out)
            self.assertNotIn("nan", out.lower().replace("noto sans", ""))

    def test_damage_is_said(self):
        cut = os.path.join(self.folder.name, "cut.wfrec")
        with open(self.recording, "rb") as whole, open(cut, "wb") as part:
            part.write(whole.read()[:200000])
        code, out, err = run("report", cut, "-o", "-")
        self.assertEqual(code, 1)
        self.assertIn("NOT the same as then", out)
        self.assertIn("watchfire report:", err)

    def test_usage(self):
        self.assertEqual(run("report", self.recording)[0], 2)
        self.assertEqual(run("report", self.recording, "-o", "-", "--lang", "fr")[0], 2)
        self.assertEqual(run("report", self.recording + "-none", "-o", "-")[0], 2)
        self.assertEqual(run("top", "--once", "--node", "/nonexistent.sock")[0], 2)
        self.assertEqual(run("top", "--node", "/nonexistent.sock")[0], 2)  # a pipe is no terminal
        self.assertEqual(run("top", "--interval", "0")[0], 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
