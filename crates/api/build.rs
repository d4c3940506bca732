//! Makes Cargo notice a freshly built UI. Nothing is built here, and no tool is called.

fn main() {
    let dist = "../../ui/dist";
    // Cargo rebuilds on every run when told to watch something that is missing. Where the source tree is read-only the
    // folder stays missing, which costs time but breaks nothing.
    std::fs::create_dir_all(dist).ok();
    println!("cargo::rerun-if-changed={dist}");
    println!("cargo::rerun-if-changed=build.rs");
}
