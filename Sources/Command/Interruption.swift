import Dispatch
import Seq2Seq
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The wish of the user, by SIGINT, SIGTERM or SIGHUP, to end the command.
///
/// One thread waits for these signals and takes all others; no other thread takes any, since it may be
/// inside a matrix product (``ThreadTeam/blockSignals()``). No handler ever runs.
///
/// A signal deletes what is being written aside and ends the process with the signal's own action. While
/// training runs, the first one is a request to save and to end, and answered at once on standard error,
/// even while a validation or a saving is going on; the second one ends the process: the files on disk are
/// whole at any instant.
enum Interruption {
    private enum Phase: UInt8, AtomicRepresentable {
        case ordinary, starting, training, requested, ending
    }

    private static let phase = Atomic(Phase.ordinary)

    /// Whether training is to save and to end.
    static var isRequested: Bool { phase.load(ordering: .relaxed) == .requested }

    /// From now on a signal ends with the code of interrupted training: nothing is there to be saved yet.
    static func isStarting() { phase.store(.starting, ordering: .relaxed) }

    /// From now on training can save.
    static func isTraining() { phase.store(.training, ordering: .relaxed) }

    /// Leaves the last word to a signal that is ending the process: what has failed since may have failed
    /// because its files are gone.
    static func standBackIfEnding() {
        while phase.load(ordering: .relaxed) == .ending { sleep(1) }
    }

    /// Has a thread wait for signals; to be called before there are other threads.
    static func watch() {
        let ignored = Set([SIGINT, SIGTERM, SIGHUP].filter(isIgnored))
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        ThreadTeam.blockSignals()
        var awaited = sigset_t()
        sigemptyset(&awaited)
        // What nohup has switched off stays off; a shell switches off SIGINT for all that it starts in the
        // background, where training obeys it all the same.
        for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !ignored.contains(number)
        {
            sigaddset(&awaited, number)
            sigaddset(&mask, number)
        }
        let (own, signals) = (mask, awaited)
        DispatchQueue(label: "signals").async {
            var (own, signals) = (own, signals)
            pthread_sigmask(SIG_SETMASK, &own, nil)
            while true {
                var number: Int32 = 0
                guard sigwait(&signals, &number) == 0 else { continue }
                answer(number, isIgnored: ignored.contains(number))
            }
        }
    }

    private static func answer(_ number: Int32, isIgnored: Bool) {
        switch phase.load(ordering: .relaxed) {
        case .ordinary:
            if !isIgnored { end(number) }
        case .starting:
            phase.store(.ending, ordering: .relaxed)
            AsideEntries.removeAll()
            Terminal.error(
                "\(clearedLine)seq2seq: error: interrupted before the first update: there is nothing new to save (start the command again)"
            )
            _exit(Failure.Code.interrupted.rawValue)
        case .training:
            phase.store(.requested, ordering: .relaxed)
            Terminal.error(
                "\(clearedLine)finishing what was begun, then saving; a second signal stops at once and leaves the state saved before"
            )
        case .requested, .ending: end(number)
        }
    }

    private static var clearedLine: String { Terminal.isInteractive ? "\r\u{1b}[K" : "" }

    /// Ends the process as the signal does by itself.
    private static func end(_ number: Int32) {
        phase.store(.ending, ordering: .relaxed)
        AsideEntries.removeAll()
        signal(number, SIG_DFL)
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, nil)
        kill(getpid(), number)
    }

    /// Whether whoever started the command wants the signal to be ignored.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
        let handler = action.__sigaction_handler.sa_handler
        #else
        let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
