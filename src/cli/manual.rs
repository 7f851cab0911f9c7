//! `completions` and `man`: what is told of the command line, to shells and to readers.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use roff::{Roff, roman};

use crate::Cli;
use crate::output::{self, Failure, Result, Verdict};

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
    let page = clap_mangen::Man::new(command)
        .date(&args.date)
        .source(concat!("tinywindow ", env!("CARGO_PKG_VERSION")))
        .manual("TinyWindow");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if has_commands {
        page.render_subcommands_section(&mut text)?;
    }
    sections(&after).to_writer(&mut text)?;
    fs::write(args.folder.join(page.get_filename()), text)
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
