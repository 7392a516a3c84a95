//! Prints what the sampler draws: how often each class, count and relation occurs, and how fast.
//!
//! `cargo run --release -p segue-scene --example world_table -- [SCENES] [SEED]`

use std::collections::BTreeMap;
use std::time::Instant;

use segue_scene::clause::Relation;
use segue_scene::common_sense::violations;
use segue_scene::palette::Palette;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|word| word.parse::<u64>().expect("arguments are whole numbers"));
    let scenes = numbers.next().unwrap_or(4000);
    let sampler = Sampler::new(Split::Train, numbers.next().unwrap_or(0));

    let palette = Palette::scene();
    let start = Instant::now();
    let drawn: Vec<_> = (0..scenes).map(|index| sampler.scene(index)).collect();
    let seconds = start.elapsed().as_secs_f64();

    let mut counts = vec![[0u64; 8]; palette.len()];
    let mut relations: BTreeMap<Relation, (u64, u64)> = BTreeMap::new();
    let (mut objects, mut things, mut broken) = ([0u64; 33], [0u64; 33], 0u64);
    for scene in &drawn {
        let plan = &scene.plan;
        objects[plan.objects.len()] += 1;
        broken += u64::from(!violations(plan).is_empty());
        let mut of_class = vec![0usize; palette.len()];
        for object in &plan.objects {
            of_class[usize::from(object.class.0)] += 1;
        }
        for (class, &n) in of_class.iter().enumerate() {
            counts[class][n.min(7)] += 1;
        }
        let countable = plan.objects.iter().filter(|object| {
            object.part_of.is_none()
                && palette
                    .get(object.class)
                    .is_some_and(|class| class.countable)
        });
        things[countable.count()] += 1;
        for relation in Relation::ALL {
            let edges = scene
                .relations
                .iter()
                .filter(|edge| edge.relation == *relation)
                .count() as u64;
            let (with, total) = relations.entry(*relation).or_default();
            *with += u64::from(edges > 0);
            *total += edges;
        }
    }

    let percent = |n: u64| 100.0 * n as f64 / scenes as f64;
    println!(
        "{scenes} scenes, {:.0} a second on one core",
        scenes as f64 / seconds
    );
    println!("{broken} against common sense");
    println!("\nclass        in % of scenes   exactly 1      2      3      4      5      6    7+");
    for class in &palette.classes {
        let n = &counts[usize::from(class.id.0)];
        print!("{:<12} {:>14.1}", class.name, percent(scenes - n[0]));
        if class.countable {
            print!("     ");
            n[1..].iter().for_each(|&n| print!(" {:>6.1}", percent(n)));
        }
        println!();
    }
    println!("\nrelation     in % of scenes   edges a scene");
    for (relation, (with, total)) in &relations {
        let mean = *total as f64 / scenes as f64;
        println!(
            "{:<12} {:>14.1} {:>15.2}",
            relation.name(),
            percent(*with),
            mean
        );
    }
    let line = |counts: &[u64]| -> String {
        let last = counts.iter().rposition(|&n| n > 0).unwrap_or(0);
        (0..=last)
            .map(|n| format!(" {n}:{:.1}", percent(counts[n])))
            .collect()
    };
    println!(
        "\ncountable things, without parts, % of scenes:{}",
        line(&things)
    );
    println!("objects, % of scenes:{}", line(&objects));
}
