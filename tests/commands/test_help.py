"""`--help` of every command shows an example of it."""

import subprocess


def words_after(text, heading):
    """The first words of the lines of one section."""
    lines = text.split(f"\n{heading}:\n", 1)
    if len(lines) == 1:
        return []
    return [line.split()[0] for line in lines[1].split("\n\n", 1)[0].splitlines()]


def help_of(binary, *command):
    return subprocess.run([binary, *command, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout


def commands(binary, *above):
    found = [(*above, name) for name in words_after(help_of(binary, *above), "Subcommands")]
    return found + [deeper for one in found for deeper in commands(binary, *one)]


def test_every_command_has_an_example_of_itself(binary):
    every = commands(binary)
    assert ("sessions", "end") in every and ("logs", "tail") in every
    for command in every:
        shown = help_of(binary, *command).partition("\nExamples:\n")[2]
        assert f"  sallyport {' '.join(command)} " in shown.replace("\n", " \n"), command
