//! Evaluation: how well pictures, maps and plans mean what the prompts said.
