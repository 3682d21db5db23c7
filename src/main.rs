//! The vmt program; everything is in the library.

fn main() -> std::process::ExitCode {
    vmt::cli::main()
}
