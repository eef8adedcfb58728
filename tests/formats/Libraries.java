import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import java.util.logging.XMLFormatter;

/** Logs with java.util.logging, one file for each language and form: java tests/formats/Libraries.java DIR */
class Libraries {
    public static void main(String[] arguments) throws Exception {
        Path out = Files.createDirectories(Path.of(arguments[0]));
        for (String language : new String[] {"en-US", "de-DE", "fr-FR", "es-ES", "it-IT", "en-GB"}) {
            Locale.setDefault(Locale.forLanguageTag(language));
            var stream = new FileOutputStream(out.resolve("java-jul-" + language + ".log").toFile());
            speak(new StreamHandler(stream, new SimpleFormatter()));
        }
        Locale.setDefault(Locale.ROOT);
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tF %1$tT.%1$tL %4$-7s [%3$s] %5$s%6$s%n");
        speak(new StreamHandler(new FileOutputStream(out.resolve("java-jul-line.log").toFile()), new SimpleFormatter() {
            @Override public String format(java.util.logging.LogRecord record) {
                return String.format("%1$tF %1$tT.%1$tL %2$-7s [%3$s] %4$s%n", record.getMillis(), record.getLevel(), record.getLoggerName(), record.getMessage());
            }
        }));
        System.setErr(new PrintStream(new FileOutputStream(out.resolve("java-uncaught.log").toFile())));
        Thread thread = new Thread(() -> { throw new IllegalStateException("declined", new RuntimeException("no funds")); }, "worker-1");
        thread.start();
        thread.join();
    }

    static void speak(StreamHandler handler) {
        Logger logger = Logger.getLogger("org.shop.Stock");
        logger.setUseParentHandlers(false);
        for (var old : logger.getHandlers()) logger.removeHandler(old);
        handler.setLevel(Level.ALL);
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
        logger.info("cart loaded");
        logger.warning("stock low");
        logger.log(Level.SEVERE, "charge failed", new IllegalStateException("declined"));
        logger.fine("looking");
        handler.flush();
    }
}
