#
# Manifest.pm - which files the library has, and what chooses among them
#
# The lists are CMakeLists.txt's and the machines are cmake/machine.cmake's,
# read there. What the build decides by if() is said again below, in the
# compiler's macros: a source that is in neither is found by who compares this
# with the tree.
#
# read_manifest(ROOT) returns
#   version license
#   machines    NAME => a condition of the preprocessor
#   parts       {files, condition, without}: files that are always there have
#               no condition; `without` stands where it does not hold
#   libraries   [macro, what the compiler is told], of others, on request:
#               FERMATA_HAS_IDN, FERMATA_HAS_PSL and what else the build takes
#
package Manifest;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(read_manifest contents);

sub contents {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!\n";
    local $/;
    return <$in>;
}

sub read_manifest {
    my ($root) = @_;
    my $cmake = contents("$root/CMakeLists.txt");
    my ($version) = contents("$root/include/fermata/api.h")
        =~ /define FM_VERSION "([\d.]+)"/ or die "no version in api.h\n";
    my %machines = machines(contents("$root/cmake/machine.cmake"));
    return {
        version => $version,
        license => contents("$root/LICENSE"),
        machines => \%machines,
        parts => [
            plain(listed($cmake, 'FERMATA_SOURCES')),
            chosen(%machines),
            plain(listed($cmake, 'FERMATA_HTTP_SOURCES')),
            part('defined(FERMATA_HAS_TLS)',
                [listed($cmake, 'FERMATA_TLS_SOURCES')]),
            taken($cmake),
        ],
        libraries => [
            ['CARES', '-lcares'],
            linked($cmake),
            ['TLS', '-lssl -lcrypto'],
        ],
    };
}

sub part {
    my ($condition, $files, $without) = @_;
    return {condition => $condition, files => $files,
        without => $without // []};
}

sub plain {
    return map { {files => [$_]} } @_;
}

# The files of set(NAME ...).
sub listed {
    my ($cmake, $name) = @_;
    my ($files) = $cmake =~ /^set\($name\n(.*?)^\)/ms
        or die "CMakeLists.txt has no $name\n";
    return split ' ', $files;
}

# fermata_machine(NAME "CONDITION")
sub machines {
    my ($cmake) = @_;
    my %machines = $cmake =~ /^fermata_machine\((\w+)\s+"([^"]+)"\)/mg;
    die "cmake/machine.cmake has no machine\n" if !%machines;
    return %machines;
}

# fermata_takes(WHAT HEADER LIBRARIES WITHOUT SOURCE...), as [WHAT, ...]
sub takes {
    my ($cmake) = @_;
    my @takes = $cmake =~ /^fermata_takes\((.*?)\)/msg;
    return map { [map { s/"//gr } /"[^"]*"|\S+/g] } @takes;
}

sub taken {
    my ($cmake) = @_;
    return map {
        my ($what, undef, undef, $without, @files) = @$_;
        part("defined(FERMATA_HAS_$what)", \@files, [split /;/, $without]);
    } takes($cmake);
}

# Some headers lie in a folder of their own, as the build knows too.
sub linked {
    my ($cmake) = @_;
    my %folder = (XML => '-I/usr/include/libxml2 ');
    return map {
        my ($what, undef, $libraries) = @$_;
        [$what, ($folder{$what} // '')
            . join ' ', map { "-l$_" } split /;/, $libraries]
    } takes($cmake);
}

sub chosen {
    my (%machines) = @_;
    my @switches = map {
        part("!defined(FM__UCONTEXT) && ($machines{$_})",
            ["src/coro/switch_$_.S"])
    } sort keys %machines;
    return (
        part('defined(__GLIBC__)', ['src/base/sys_glibc.c'],
            ['src/base/sys_posix.c']),
        @switches,
        part('defined(FM__UCONTEXT)', ['src/coro/switch_ucontext.c']),
        part($machines{x86_64}, ['src/proto/scan_sse2.c'],
            ['src/proto/scan_plain.c']),
        part('defined(FERMATA_HAS_CARES)',
            ['src/net/ask.c', 'src/net/engine.c', 'src/net/message.c'],
            ['src/net/ask_nobody.c']),
        part('defined(FERMATA_HAS_TLS)',
            ['src/http/client_tls.c', 'src/http/session.c'],
            ['src/http/client_tls_none.c', 'src/http/session_none.c']),
    );
}
1;
