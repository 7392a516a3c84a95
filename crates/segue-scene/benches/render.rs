//! Scenes a second of the renderer, maps included.
//!
//! `cargo bench -p segue-scene --bench render`; scenes a second on two cores is twice the number
//! of one thread, since renders share nothing.

use divan::counter::ItemsCount;
use segue_scene::plan::Plan;
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

fn main() {
    divan::main();
}

/// 64 sampled scenes, drawn one after another.
#[divan::bench(args = [64, 128, 256, 512])]
fn scenes(bencher: divan::Bencher, size: u32) {
    let plans: Vec<Plan> = Sampler::new(Split::Train, 1)
        .scenes()
        .take(64)
        .map(|scene| scene.plan)
        .collect();
    bencher
        .counter(ItemsCount::new(plans.len()))
        .bench_local(|| {
            for plan in &plans {
                divan::black_box(render(plan, size, size).expect("the size is in range"));
            }
        });
}
