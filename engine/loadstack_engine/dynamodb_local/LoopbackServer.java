import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * DynamoDB Local that listens on 127.0.0.1 only.
 *
 * <p>Its own main class binds every interface and has no option for the address, so this one builds the same server
 * from the same arguments, sets the host of its Jetty connectors and starts it. Everything is reached by reflection:
 * the class compiles without DynamoDB Local and fits its 1.x and 2.x jars.
 *
 * <p>Build: {@code javac --release 11 LoopbackServer.java}
 */
public final class LoopbackServer {
    private static final String RUNNER = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner";

    private LoopbackServer() {}

    public static void main(String[] args) throws Exception {
        Object proxy = Class.forName(RUNNER)
                .getMethod("createServerFromCommandLineArgs", String[].class)
                .invoke(null, (Object) args);
        if (bindConnectors(jettyOf(proxy)) == 0) {
            throw new IllegalStateException("DynamoDB Local has no network connector to bind to 127.0.0.1");
        }
        proxy.getClass().getMethod("start").invoke(proxy);
        proxy.getClass().getMethod("join").invoke(proxy);
    }

    private static Object jettyOf(Object proxy) throws IllegalAccessException {
        for (Field field : proxy.getClass().getDeclaredFields()) {
            if (field.getType().getName().equals("org.eclipse.jetty.server.Server")) {
                field.setAccessible(true);
                return field.get(proxy);
            }
        }
        throw new IllegalStateException("DynamoDB Local's proxy server holds no Jetty server");
    }

    private static int bindConnectors(Object jetty) throws Exception {
        int bound = 0;
        for (Object connector : (Object[]) jetty.getClass().getMethod("getConnectors").invoke(jetty)) {
            Method setHost = connector.getClass().getMethod("setHost", String.class);
            setHost.invoke(connector, "127.0.0.1");
            bound++;
        }
        return bound;
    }
}
