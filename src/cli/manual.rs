//! `completions` and `man`: what is told of the command line, to shells and to readers.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Arg, ArgGroup, Args, CommandFactory};
use clap_complete::Shell;
use roff::{Roff, bold, roman};

use crate::Cli;
use crate::output::{self, Failure, Result, Verdict};

/// Columns that a line of a man page's source may have.
const WIDTH: usize = 78;

/// Writes the completions for a shell.
#[derive(Args)]
#[command(after_help = "\
Examples:
  tinywindow completions bash > ~/.local/share/bash-completion/completions/tinywindow
  tinywindow completions fish > ~/.config/fish/completions/tinywindow.fish
  source <(tinywindow completions zsh)

`make install` and the package bring those of bash, zsh and fish along.")]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

/// Writes the man pages, one for the command and one for each of its commands.
#[derive(Args)]
pub struct Man {
    /// Folder they go to
    folder: PathBuf,
    /// Day they are of, which every page shows: YYYY-MM-DD
    date: String,
}

pub fn completions(args: &Completions) -> Result<Verdict> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tinywindow", &mut text);
    output::print(String::from_utf8_lossy(&text))?;
    Ok(Verdict::Positive)
}

pub fn man(args: &Man) -> Result<Verdict> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    fs::create_dir_all(&args.folder)
        .and_then(|()| write_pages(command, args))
        .map_err(|error| Failure::file("write man pages to", &args.folder, &error))?;
    Ok(Verdict::Positive)
}

/// The page of a command, and those of the commands below it that are not hidden.
fn write_pages(command: clap::Command, args: &Man) -> io::Result<()> {
    for below in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_pages(below.clone(), args)?;
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let synopsis = synopsis(&command);
    let title = command.get_display_name().unwrap_or(command.get_name()).to_uppercase();
    let page = clap_mangen::Man::new(command)
        .title(title)
        .date(&args.date)
        .source(concat!("tinywindow ", env!("CARGO_PKG_VERSION")))
        .manual("TinyWindow");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    synopsis.to_writer(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if has_commands {
        page.render_subcommands_section(&mut text)?;
    }
    sections(&after).to_writer(&mut text)?;
    fs::write(args.folder.join(page.get_filename()), tidy(&String::from_utf8_lossy(&text)))
}

/// clap_mangen's own leaves out what an option takes.
fn synopsis(command: &clap::Command) -> Roff {
    let in_group = |arg: &&Arg| {
        let groups = command.get_groups().filter(|group| group.is_required_set());
        groups.flat_map(ArgGroup::get_args).any(|id| id == arg.get_id())
    };
    let mut line = vec![bold(command.get_bin_name().unwrap_or(command.get_name()))];
    let is_shown = |arg: &&Arg| !arg.is_hide_set() && !in_group(arg);
    for arg in command.get_arguments().filter(is_shown) {
        line.extend(match arg.is_required_set() || arg.is_positional() {
            true => [roman(" "), roman(arg.to_string()), roman("")],
            false => [roman(" ["), roman(arg.to_string()), roman("]")],
        });
    }
    let choice: Vec<_> = command.get_arguments().filter(in_group).map(Arg::to_string).collect();
    let choice = (!choice.is_empty()).then(|| format!(" {{{}}}", choice.join(" | ")));
    let below = command.has_subcommands().then(|| " <COMMAND>".to_owned());
    line.extend(choice.into_iter().chain(below).map(roman));
    let mut section = Roff::new();
    section.control("SH", ["SYNOPSIS"]).text(line);
    section
}

/// Lines of running text are broken at the width of a terminal, and a break beside a space is left
/// out, as `mandoc -T lint` wants it.
fn tidy(page: &str) -> String {
    let page = page.replace(".br\n\n.br\n", ".sp\n");
    let (mut tidied, mut is_filled) = (String::with_capacity(page.len()), true);
    for line in page.lines() {
        is_filled = !line.starts_with(".nf") && (is_filled || line.starts_with(".fi"));
        let mut width = 0;
        for word in line.split_inclusive(' ') {
            let is_text = is_filled && !line.starts_with(['.', '\'']);
            let may_begin = !word.starts_with(['.', '\'']);
            if is_text && may_begin && width > 0 && width + word.len() > WIDTH {
                tidied.truncate(tidied.trim_end_matches(' ').len());
                tidied.push('\n');
                width = 0;
            }
            width += word.len();
            tidied.push_str(word);
        }
        tidied.push('\n');
    }
    tidied
}

/// What stands below the options in `--help`. A paragraph with a heading is a section of lines that
/// stay as they are; the others are the notes.
fn sections(after_help: &str) -> Roff {
    let is_headed = |paragraph: &&str| paragraph.contains(":\n  ");
    let (headed, notes): (Vec<_>, Vec<_>) = after_help.split("\n\n").partition(is_headed);
    let mut page = Roff::new();
    for (index, note) in notes.into_iter().filter(|note| !note.is_empty()).enumerate() {
        match index {
            0 => page.control("SH", ["NOTES"]),
            _ => page.control("PP", []),
        };
        page.text([roman(note)]);
    }
    for paragraph in headed {
        let (heading, lines) = paragraph.split_once(":\n").unwrap_or_default();
        page.control("SH", [heading.to_uppercase().as_str()]);
        page.control("nf", []);
        page.text([roman(lines)]);
        page.control("fi", []);
    }
    page
}
