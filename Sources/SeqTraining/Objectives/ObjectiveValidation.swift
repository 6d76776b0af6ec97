import SeqFiles
import SeqModels
import SeqNN

extension RunConfiguration {
    /// Refuses objectives that do not go together, or not with the model or the data.
    func validateObjective() throws {
        let sequence = training.sequence
        let isSampled = training.scheduledSampling.decay != .none
        func fail(_ option: String, _ problem: String, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(option: "training.\(option)", problem, remedy: remedy)
        }
        guard (0...1).contains(training.teacherForcing) else {
            throw fail(
                "teacher_forcing", "is \(training.teacherForcing)", "choose a number from 0 to 1")
        }
        guard training.rDrop >= 0, training.rDrop.isFinite else {
            throw fail("r_drop", "is \(training.rDrop)", "choose 0 for none, or a positive number")
        }
        if isSampled, training.teacherForcing < 1 {
            throw fail(
                "teacher_forcing",
                "is \(training.teacherForcing) together with training.scheduled_sampling",
                "set teacher_forcing: 1, or scheduled_sampling.decay: none")
        }
        if training.rDrop > 0 {
            if isSampled || training.teacherForcing < 1 {
                throw fail(
                    "r_drop",
                    "compares two passes over the same input, which training.\(isSampled ? "scheduled_sampling" : "teacher_forcing") changes",
                    "set r_drop: 0, or leave the other out")
            }
            if model.output.type != .full {
                throw fail(
                    "r_drop",
                    "is \(training.rDrop) with model.output.type: \(model.output.type.rawValue)",
                    "choose model.output.type: full, or r_drop: 0")
            }
        }
        if sequence.type != .none, sequence.crossEntropy == 0 {
            let coversSources = model.attention.coverage == .see && model.attention.coverageLoss > 0
            let ofTokens: [(name: String, isUsed: Bool)] = [
                ("training.scheduled_sampling", isSampled),
                ("training.teacher_forcing", training.teacherForcing < 1),
                ("training.word_dropout", training.wordDropout != WordDropoutConfiguration()),
                ("training.r_drop", training.rDrop > 0),
                ("training.guided_alignment", training.guidedAlignment > 0),
                ("model.attention.coverage_loss", coversSources),
            ]
            if let used = ofTokens.first(where: \.isUsed) {
                throw fail(
                    "sequence.cross_entropy",
                    "is 0, which leaves out the loss of tokens that \(used.name) acts on",
                    "give cross_entropy a positive share, or leave \(used.name) out")
            }
        }
        if !training.distillation.teacher.isEmpty, !data.alignment.isEmpty {
            throw fail(
                "distillation.teacher", "gives new targets, which data.alignment does not know",
                "leave out data.alignment, or the teacher")
        }
    }
}
