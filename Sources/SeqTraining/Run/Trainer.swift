import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqData
import SeqDecoding
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText

/// Trains a translation model and keeps a run folder: the resolved configuration, `best` and `last`
/// model folders, further models in `checkpoints` if asked for, the state for exact resumption,
/// `train.jsonl` and `validation.jsonl`.
///
/// A run that is killed at any instant and resumed ends with the same parameters, bit for bit, as one
/// that was not, on the same machine and with the same number of threads.
public final class Trainer {
    private let configuration: RunConfiguration
    private let report: (TrainingEvent) -> Void
    private let shouldStop: () -> Bool
    private let data: TrainingData
    private let folder: ModelFolder
    private let buffer: ParameterBuffer
    private let optimizer: any Optimizer
    private let keeper: ModelKeeper
    private let gradient: BatchGradient
    private let sampler: BatchSampler
    private let log: RunLog
    private let memory: MemoryPlan
    private var state: TrainingState
    private let resumedAt: Int
    /// The updates without any gradient, until the first one that has some.
    private var zeroGradients: Int? = 0
    private let limits: [RunLimit]
    private let clock: RunClock

    /// So many updates without a gradient are no chance.
    private static let suspiciousZeros = 3

    /// Whether the last ``run()`` ended because `shouldStop` said so.
    public private(set) var wasInterrupted = false

    /// Whether the last ``run()`` ended at a limit, before the end of training.
    public private(set) var wasPaused = false

    /// Reads the data and makes the model, or takes up a run that was interrupted.
    ///
    /// - Parameters:
    ///   - configuration: what to train; `output` names the run folder.
    ///   - resumes: whether to continue the run in that folder.
    ///   - limits: where to pause; the state is then saved.
    ///   - shouldStop: asked after each update; true saves the state and ends the run.
    ///   - report: told what happens.
    public init(
        _ configuration: RunConfiguration, resumes: Bool = false, limits: [RunLimit] = [],
        shouldStop: @escaping () -> Bool = { false },
        report: @escaping (TrainingEvent) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.report = report
        self.shouldStop = shouldStop
        self.limits = limits
        ThreadTeam.count = configuration.threads
        log = try RunLog(configuration, resumes: resumes)
        let saved = resumes ? try ModelFolder(contentsOf: log.last) : nil
        let origin =
            resumes || configuration.training.initFrom.isEmpty
            ? nil : try OriginModel(configuration)
        if !resumes {
            let findings = try DataCheck.quick(
                configuration, originTarget: origin?.folder.target)
            if !findings.isEmpty { report(.dataCheck(findings)) }
        }
        let configuration = try Distillation(configuration: configuration, report: report)
            .distilledConfiguration(resumes: resumes)
        data = try TrainingData(
            configuration,
            codecs: saved?.codecs ?? origin?.codecs(configuration)
        ) {
            report(.caching($0))
            if $0.share < 1, shouldStop() {
                throw Seq2SeqError(
                    .interrupted, reason: "interrupted while the corpus was read",
                    remedy: "start again")
            }
        } damaged: {
            report(.notice("\($0.path ?? "a cache"): \($0.reason); it is built anew"))
        }
        report(
            .data(
                train: data.train.report, validation: data.validation?.report,
                sourceVocabulary: data.codecs.source.count,
                targetVocabulary: data.codecs.outputCount))
        if let saved {
            guard saved.model.configuration == configuration.model else {
                throw Seq2SeqError(
                    .badData, path: log.last, reason: "the saved model is not that of the run",
                    remedy: "restore the folder, or start anew in another one")
            }
            folder = saved
        } else if let origin {
            folder = try origin.start(
                configuration, source: data.codecs.source, target: data.codecs.target)
            report(
                .origin(
                    origin.fingerprint,
                    newSourceTokens: data.codecs.source.count - origin.folder.source.count,
                    newTargetTokens: data.codecs.target.count - origin.folder.target.count))
            for notice in origin.notices(configuration) { report(.notice(notice)) }
        } else {
            let model = try TranslationModel(
                configuration.model, sourceVocabulary: data.codecs.source.count,
                targetVocabulary: data.codecs.text?.count ?? 0,
                labels: data.codecs.labels.map(\.labels),
                sourceTokens: data.codecs.source.vocabulary.tokens, seed: configuration.seed,
                // Each parameter is there twice while they move into one buffer.
                memory: max(0, ProcessMemory.available - ProcessMemory.resident) / 2)
            folder = ModelFolder(model: model, codecs: data.codecs)
        }
        let rules = try configuration.training.rules(
            of: folder.model.parameters, embeddings: folder.model.embeddingTables)
        buffer = ParameterBuffer(folder.model.parameters) { rules[$0.name] ?? ParameterRule() }
        gradient = BatchGradient(
            configuration: configuration, model: folder.model,
            objective: configuration.objective(for: folder), data: data, buffer: buffer)
        optimizer = configuration.training.optimizer.make(buffer)
        keeper = ModelKeeper(
            configuration.training, folder: folder, buffer: buffer, run: configuration.run)
        let hash = TrainingState.dataHash(data.train)
        let validationHash = data.validation?.contentHash ?? ""
        if resumes {
            state = try TrainingState.read(from: log.last)
            try state.checkData(hash, path: log.last)
            guard state.validationHash ?? validationHash == validationHash else {
                throw Seq2SeqError(
                    .badData, path: log.last,
                    reason: "the validation data are not those of the run",
                    remedy: "restore them, or start anew in another folder")
            }
            if let threads = state.threads, threads != ThreadTeam.count {
                report(
                    .notice(
                        "the run had \(threads) threads and goes on with \(ThreadTeam.count): sums are rounded otherwise, so it will not end with the same bits"
                    ))
            }
            try state.restore(optimizer, from: log.last)
            try keeper.restore(from: log.last)
            try log.forget(after: state.step)
        } else {
            state = TrainingState(
                generator: RandomGenerator(seed: configuration.seed).split("dropout"),
                learningRate: configuration.training.optimizer.learningRate,
                best: ImprovementTracker(configuration.training.earlyStopping.metric),
                plateau: ImprovementTracker(configuration.training.schedule.metric), dataHash: hash)
            state.origin = origin.map {
                FileFingerprint(
                    path: PortablePath($0.fingerprint.path).description,
                    sha256: $0.fingerprint.sha256)
            }
        }
        state.validationHash = validationHash
        state.threads = ThreadTeam.count
        clock = try RunClock(resumedFrom: resumes ? log.last : nil)
        resumedAt = state.step
        memory = MemoryPlan(
            gradient: gradient, optimizer: optimizer, averages: keeper.averages,
            limit: try configuration.training.memoryLimit())
        var batching = configuration.training.batch
        if batching.size == 0 {
            let data = data
            let size =
                try state.batchSize
                ?? memory.batchSize { size in
                    batching.size = size
                    return try Trainer.sampler(of: data, batching, seed: configuration.seed)
                }
            state.batchSize = size
            batching.size = size
        }
        sampler = try Trainer.sampler(of: data, batching, seed: configuration.seed)
    }

    private static func sampler(
        of data: TrainingData, _ batching: BatchingConfiguration, seed: UInt64
    ) throws -> BatchSampler {
        try BatchSampler(
            mixture: data.train.mixture, configuration: batching, seed: seed,
            lengths: data.train.lengths)
    }

    /// Trains until the end, a limit or an interruption.
    ///
    /// - Returns: the best validation, if there was one.
    @discardableResult
    public func run() throws -> ValidationResult? {
        do { return try train() } catch {
            // A folder that has gone is why something in it could not be written.
            try log.checkPlace()
            guard var error = error as? Seq2SeqError, error.kind == .cannotWrite,
                error.remedy == nil || error.remedy == Seq2SeqError.makingRoom
            else { throw error }
            error.remedy =
                log.hasState
                ? "free some disk space or correct the permissions, then continue with --resume"
                : "free some disk space or correct the permissions, then start again"
            throw error
        }
    }

    private func train() throws -> ValidationResult? {
        let training = configuration.training
        wasInterrupted = false
        wasPaused = false
        var epochBatches = try sampler.batchCount(epoch: state.epoch)
        if state.isValidationDue != true, endReason(batches: epochBatches) != nil {
            report(
                .finished(
                    reason: "the run had ended at step \(state.step)", best: state.bestValidation))
            return state.bestValidation
        }
        let stepsPerEpoch =
            (epochBatches + training.accumulation - 1) / training.accumulation
        let totalSteps = min(
            training.maximumSteps == 0 ? .max : training.maximumSteps,
            stepsPerEpoch * training.epochs)
        report(
            .started(
                parameters: folder.model.parameterCount, stepsPerEpoch: stepsPerEpoch,
                totalSteps: totalSteps, resumedAt: resumedAt))
        // Before the estimate, which leaves the pool as it was.
        let peak = MachinePeak.current(training.precision)
        report(
            .memory(
                try memory.estimate(
                    sampler.batches(epoch: state.epoch), size: sampler.configuration.size)))
        if let validation = data.validation {
            try Validator.checkFits(validation, configuration, folder)
        }
        var epochTimer = EpochTimer(tokens: data.train.targetTokens)
        let watch = RunWatch(
            configuration,
            RunReport.Facts(
                train: data.train.report, validation: data.validation?.report,
                sourceVocabulary: data.codecs.source.count,
                targetVocabulary: data.codecs.outputCount,
                parameters: folder.model.parameterCount, stepsPerEpoch: stepsPerEpoch,
                totalSteps: totalSteps), resumedAt: resumedAt)
        var window = ReportWindow(start: state, peak: peak)
        let start = position(epochBatches: epochBatches)
        var reason = limitReached(from: start, epochBatches: epochBatches)
        var batches = try sampler.batches(epoch: state.epoch, from: state.batch)
        while reason == nil {
            // A run that was interrupted while it validated goes on with that.
            if state.isValidationDue != true {
                let tokensBefore = state.tokens
                let began = ContinuousClock.now
                let taken = try window.measuringData {
                    if state.batch >= epochBatches {
                        state.epoch += 1
                        state.batch = 0
                        epochBatches = try sampler.batchCount(epoch: state.epoch)
                        batches = try sampler.batches(epoch: state.epoch)
                    }
                    return try next(training.accumulation, of: &batches)
                }
                try update(taken, epochBatches: epochBatches, window: &window)
                if let seconds = epochTimer.add(
                    tokens: state.tokens - tokensBefore, time: .now - began)
                {
                    report(.epochTime(seconds: seconds))
                }
                let isReport =
                    state.step % training.reportEvery == 0
                    || endReason(batches: epochBatches) != nil
                report(
                    .progress(window.progress(state, totalSteps: totalSteps, isReport: isReport)))
                if isReport {
                    let record = TrainingRecord(
                        window.progress(state, totalSteps: totalSteps, isReport: true))
                    try log.train(record)
                    try watch.train(record)
                    window = ReportWindow(start: state, peak: peak)
                }
            }
            let validates =
                (training.validateEvery == 0
                    ? state.batch == epochBatches : state.step % training.validateEvery == 0)
                || endReason(batches: epochBatches) != nil
            if validates { try validate(watch, epochBatches: epochBatches) }
            let isAbandoned = state.isValidationDue == true
            reason = isAbandoned ? nil : endReason(batches: epochBatches)
            if reason == nil, isAbandoned || shouldStop() {
                wasInterrupted = true
                reason = "interrupted at step \(state.step)"
            } else if reason == nil {
                reason = limitReached(from: start, epochBatches: epochBatches)
            }
            let isDue =
                !isAbandoned
                && (training.saveEvery == 0 ? validates : state.step % training.saveEvery == 0)
            let saves = isDue || reason != nil
            // What an interruption saves is no model to keep: without it the run would not have it.
            if saves { try save(keeps: isDue || !(wasInterrupted || wasPaused)) }
            // Time spent on validation and saving is not time of training.
            if validates || saves { window.skipPause() }
        }
        try watch.finish(reason ?? "")
        report(.finished(reason: reason ?? "", best: state.bestValidation))
        return state.bestValidation
    }

    /// The next batches, as many as are left of `count`.
    private func next(
        _ count: Int, of batches: inout EpochBatches
    ) throws -> [[Int]] {
        var found: [[Int]] = []
        while found.count < count, let batch = try batches.next() { found.append(batch) }
        return found
    }

    private func position(epochBatches: Int) -> RunPosition {
        RunPosition(
            steps: state.step, epochs: time(in: .epochs, epochBatches: epochBatches),
            seconds: clock.seconds)
    }

    /// Why the run pauses, if it does.
    private func limitReached(from start: RunPosition, epochBatches: Int) -> String? {
        let now = position(epochBatches: epochBatches)
        guard let limit = limits.first(where: { now.reaches($0, from: start) }) else { return nil }
        wasPaused = true
        return "paused at step \(state.step), \(limit)"
    }

    /// Why the run is over, given the number of batches of the epoch that is running; nil when it is not.
    private func endReason(batches: Int) -> String? {
        let training = configuration.training
        let patience = training.earlyStopping.patience
        if patience > 0, state.best.validationsWithout >= patience {
            return "no improvement for \(patience) validations"
        }
        if training.maximumSteps > 0, state.step >= training.maximumSteps {
            return "\(state.step) steps done"
        }
        let isEpochEnd = state.batch >= batches
        return state.epoch > training.epochs || isEpochEnd && state.epoch == training.epochs
            ? "\(training.epochs) epochs done" : nil
    }

    /// Makes one update of the gradients of several batches.
    ///
    /// The loss is the mean over the target tokens of all of them, as if they were one batch.
    private func update(
        _ batches: [[Int]], epochBatches: Int, window: inout ReportWindow
    ) throws {
        let training = configuration.training
        let parts = try window.measuringData {
            try batches.map { try gradient.pairs($0, step: state.step) }
        }
        let totals = LossTotals(parts.flatMap(\.pairs), labelOutputs: folder.model.heads.count)
        let tokens = parts.reduce(0) { $0 + $1.targetTokens }
        var dropout = Dropout(rate: configuration.model.dropout, generator: state.generator)
        var learned = Perplexity()
        for (index, pairs) in parts.enumerated() {
            try gradient.checkSize(pairs)
            let loss = gradient(
                of: pairs, among: totals, accumulates: index > 0, dropout: &dropout)
            guard loss.tokens.objective.item.isFinite else { throw divergence([pairs]) }
            window.add(loss)
            learned += Perplexity(
                totalLogProbability: -loss.tokens.negativeLogLikelihood,
                tokenCount: loss.tokens.tokens)
        }
        if training.clipValue > 0 { buffer.clip(limit: training.clipValue) }
        let norm = buffer.gradientNorm
        guard norm.isFinite else { throw divergence(parts) }
        watchZeros(norm)
        let rate = learningRate(tokens: tokens, batches: batches.count, epochBatches: epochBatches)
        optimizer.update(buffer, learningRate: rate, gradientScale: noisyScale(clipping(norm)))
        state.generator = dropout.generator ?? state.generator
        state.batch += batches.count
        state.step += 1
        state.tokens += tokens
        state.learned = state.learned ?? Perplexity()
        state.learned? += learned
        keeper.follow(step: state.step)
        window.addUpdate(norm: norm, learningRate: rate)
    }

    /// Says so when no gradient has been anything but zero since training began, or was taken up.
    private func watchZeros(_ norm: Double) {
        guard let zeros = zeroGradients else { return }
        zeroGradients = norm == 0 ? zeros + 1 : nil
        guard zeroGradients == Trainer.suspiciousZeros else { return }
        report(
            .notice(
                "the gradients of the first \(Trainer.suspiciousZeros) updates are all zero, so that nothing is learned: look at the weights of the pairs (data.train.weights and loss_weight), at model.initialization.range and at the learning rate"
            ))
    }

    /// What gradients of a norm are multiplied by, so that they stay within both limits of the norm.
    private func clipping(_ norm: Double) -> Float {
        let training = configuration.training
        var limit = training.clipNorm > 0 ? Double(training.clipNorm) : .infinity
        if training.clipPercentile > 0 {
            var norms = state.norms ?? NormHistory()
            norms.append(norm)
            limit = min(limit, norms.percentile(Double(training.clipPercentile)))
            state.norms = norms
        }
        return norm > limit ? Float(limit) / Float(norm) : 1
    }

    /// Adds noise to the gradients times `scale`, if asked for; returns what remains to multiply by.
    ///
    /// It comes after clipping, which would otherwise clip the noise.
    private func noisyScale(_ scale: Float) -> Float {
        let noise = configuration.training.gradientNoise
        guard noise.eta > 0 else { return scale }
        buffer.addNoise(
            deviation: noise.deviation(after: state.step), scale: scale,
            generator: RandomGenerator(seed: configuration.seed).split("gradient noise"),
            step: state.step)
        return 1
    }

    /// The rate of the update that takes so many target tokens and batches.
    private func learningRate(tokens: Int, batches: Int, epochBatches: Int) -> Float {
        let schedule = configuration.training.schedule
        let (start, end) = (
            time(in: schedule.unit, epochBatches: epochBatches),
            time(in: schedule.unit, tokens: tokens, batches: batches, epochBatches: epochBatches)
        )
        return schedule.rate(
            from: start, to: end, base: state.learningRate,
            hidden: configuration.model.hasText
                ? configuration.model.decoder.hidden : configuration.model.encoder.hidden)
    }

    /// The time since the start, in a unit of schedules; with the tokens and batches of an update, that
    /// after it.
    private func time(
        in unit: ScheduleConfiguration.Unit, tokens: Int = 0, batches: Int = 0, epochBatches: Int
    ) -> Double {
        switch unit {
        case .updates: Double(state.step + (batches > 0 ? 1 : 0))
        case .epochs:
            Double(state.epoch - 1) + Double(state.batch + batches) / Double(max(1, epochBatches))
        case .tokens: Double(state.tokens + tokens)
        }
    }

    /// Says which tensor is the first that is not finite.
    private func divergence(_ batches: [TrainingPairs]) -> Seq2SeqError {
        divergence(
            at: state.step + 1,
            "\(gradient.firstNotFinite(of: batches)) is the first tensor with a NaN or infinity")
    }

    /// Says that training has diverged with the update number `step`, and what is left of before.
    private func divergence(at step: Int, _ reason: String) -> Seq2SeqError {
        let best = state.bestValidation.map {
            "; best/ holds the model of step \($0.step)"
        }
        return Seq2SeqError(
            .diverged, path: configuration.run,
            reason: "training diverged at step \(step): \(reason)",
            remedy: "lower training.optimizer.learning_rate or training.clip_norm"
                + (log.hasState ? "; last/ holds the state saved before" : "") + (best ?? ""))
    }

    /// Refuses to keep a model, or a state of the optimizer, with a NaN or infinity.
    private func checkFinite() throws {
        if let parameter = folder.model.parameters.first(where: { !$0.value.isFinite }) {
            throw divergence(
                at: state.step, "the parameter \(parameter.name) has a NaN or infinity")
        }
        if let tensor = optimizer.state.first(where: { !$0.tensor.isFinite }) {
            throw divergence(
                at: state.step, "\(tensor.name) of the optimizer has a NaN or infinity")
        }
    }

    /// Validates; if the run is to stop meanwhile, the validation is given up and stays due.
    private func validate(_ watch: RunWatch, epochBatches: Int) throws {
        guard let validation = data.validation else { return }
        try log.checkPlace()
        let training = configuration.training
        let validator = Validator(
            configuration: configuration, data: validation, unknownWords: data.unknownWords,
            shouldStop: shouldStop)
        state.isValidationDue = true
        try checkFinite()
        let found = try keeper.withKeptParameters {
            try validator(folder, step: state.step, epoch: state.epoch)
        }
        guard var result = found else { return }
        state.isValidationDue = nil
        result.trainingPerplexity = state.learned?.value
        state.learned = nil
        var health = state.health ?? TrainingHealth()
        result.warnings = health.warnings(
            result, frequency: validator.frequencyPerplexity(folder), model: configuration.model)
        state.health = health
        result.isBest = state.best.update(
            result.value(training.earlyStopping.metric),
            minimumChange: Double(training.earlyStopping.minimumChange))
        try log.validation(result)
        try watch.validation(result, buffer)
        guard result.perplexity.isFinite else {
            throw divergence(
                at: state.step, "the validation perplexity is \(result.perplexity)")
        }
        if result.isBest { state.bestValidation = result }
        try keeper.keep(validated: result, best: log.best, provenance: provenance)
        report(.validation(result))
        if training.schedule.type == .plateau, isPlateauWatched(epochBatches: epochBatches),
            !state.plateau.update(result.value(training.schedule.metric)),
            state.plateau.validationsWithout > training.schedule.patience
        {
            state.learningRate = max(
                training.schedule.minimum, state.learningRate * training.schedule.factor)
            state.plateau.forgive()
        }
    }

    /// Whether the start of the schedule is over.
    private func isPlateauWatched(epochBatches: Int) -> Bool {
        let schedule = configuration.training.schedule
        return time(in: schedule.unit, epochBatches: epochBatches) >= schedule.start
    }

    private func save(keeps: Bool) throws {
        try log.checkPlace()
        try checkFinite()
        if keeps { try keeper.keep(saved: state.step, provenance: provenance(nil)) }
        try AtomicFolder.replace(log.last) { path in
            try folder.write(to: path, provenance: provenance(nil))
            try state.write(to: path, optimizer: optimizer)
            try keeper.writeState(to: path)
            try clock.write(to: path)
        }
        keeper.deleteOthers()
        if data.validation == nil { try keeper.write(to: log.best, provenance: provenance(nil)) }
        report(.saved(folder: log.last))
    }

    private func provenance(_ scores: ValidationResult?) -> [String: String] {
        var entries = [
            "program": "seq2seq \(Seq2SeqVersion.current)",
            "matrix_library": ThreadTeam.matrixLibrary,
            "seed": "\(configuration.seed)",
            "step": "\(state.step)",
            "epoch": "\(state.epoch)",
            "target_tokens": "\(state.tokens)",
        ]
        if let origin = state.origin {
            entries["init_from"] = PortablePath(origin.path).description
            entries["init_from_sha256"] = origin.sha256
        }
        for file in data.train.report.files {
            // Files of two folders may have one name.
            let name = "train_sha256 \(PortablePath(file.path))"
            let others = (2...).lazy.map { "\(name) (\($0))" }
            let key = entries[name] == nil ? name : others.first { entries[$0] == nil }
            entries[key ?? name] = file.sha256
        }
        if let scores {
            if scores.perplexity.isFinite {
                entries["validation_perplexity"] = "\(scores.perplexity)"
            }
            for (metric, score) in scores.scores where score.isFinite {
                entries["validation_\(metric)"] = "\(score)"
                entries["validation_\(metric)_signature"] = scores.signatures[metric]
            }
        }
        return entries
    }
}
