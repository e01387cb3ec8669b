"""Turn text files into a C source that holds them: embed_scenarios.py OUT.c FILE…"""
import pathlib
import sys


def body(data):
    rows = [data[i:i + 24] for i in range(0, len(data), 24)]
    return ",\n".join("  " + ",".join(str(b) for b in row) for row in rows)


def main():
    out, names = pathlib.Path(sys.argv[1]), [pathlib.Path(n) for n in sys.argv[2:]]
    text = ['// Generated from scenarios/*.yaml.', '#include "sim/scenario.h"', ""]
    for i, name in enumerate(names):
        text += [f"static const unsigned char wf_scenario_text_{i}[] = {{", body(name.read_bytes() + b"\0"), "};"]
    text += ["static const wf_scenario_builtin wf_scenario_builtins[] = {"]
    for i, name in enumerate(names):
        item = f"wf_scenario_text_{i}"
        text += [f'  {{"{name.stem}", (const char *){item}, sizeof {item} - 1}},']
    text += ["};",
             "size_t wf_scenario_builtin_count(void) {",
             "  return sizeof wf_scenario_builtins / sizeof *wf_scenario_builtins;",
             "}",
             "const wf_scenario_builtin *wf_scenario_builtin_at(size_t index) {",
             "  return index < wf_scenario_builtin_count() ? &wf_scenario_builtins[index] : NULL;",
             "}", ""]
    out.write_text("\n".join(text))


main()
