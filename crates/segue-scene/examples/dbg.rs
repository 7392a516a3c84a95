use segue_scene::clause::*;
use segue_scene::palette::Palette;
fn main() {
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let r = segue_scene::parse::parse(&line).unwrap();
        println!("[{:?}] {}", r.language, r.prompt);
        let p = Palette::scene();
        for c in &r.clauses {
            let s = match c.subject {
                Subject::Class(k) => p.name_of(k).to_owned(),
                Subject::Scene => "scene".into(),
            };
            println!(
                "   {:?} {} {} {} {} {} {} | {} ^{:?}",
                c.kind,
                s,
                c.attribute.map_or("", |a| a.name()),
                c.relation.map_or("", |a| a.name()),
                c.object.map_or("", |o| p.name_of(o)),
                c.object2.map_or("", |o| p.name_of(o)),
                c.asked,
                c.text,
                c.parent
            );
        }
        for u in &r.unknown {
            println!("   UNKNOWN {} {:?}", u.word, u.nearest);
        }
        for u in &r.unparsed {
            println!("   UNPARSED {}", u.text);
        }
        for u in &r.notes {
            println!("   NOTE {}", u.text);
        }
    }
}
