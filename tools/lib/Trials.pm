#
# Trials.pm - tries the blocks of the documents: compiles, runs, compares
#
# try_blocks($root, $build, @blocks) does all and returns how many there were of
# each kind; what is wrong is a problem with the line in the document.
#
package Trials;

use strict;
use warnings;
use Blocks;
use Commands;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Temp qw(tempdir);
use Fragments;
use Headers;
use Printed;

our @EXPORT = qw(try_blocks);

my @STRICT = qw(-std=c11 -Wall -Wextra -Werror -fstack-clash-protection
    -fno-diagnostics-color);
my %LANGUAGES = map { $_ => 1 } '', qw(c python sh make cmake text);

# A fragment may leave things unused: the next line of its reader uses them.
my @LOOSE = qw(-Wno-unused);

sub try_blocks {
    my ($root, $build, @blocks) = @_;
    $ENV{LC_ALL} = 'C';
    $build = abs_path($build);
    my $place = {root => abs_path($root), build => $build,
        scratch => tempdir('blocks-XXXXXX', CLEANUP => 1,
            -d "$build/tests" ? (DIR => "$build/tests") : (TMPDIR => 1))};
    my ($cc) = slurp("$build/CMakeCache.txt") =~ /^CMAKE_C_COMPILER:\w+=(.*)$/m;
    $place->{cc} = $cc // 'cc';
    my %count;
    for (grep { !$LANGUAGES{$_->{language}} } @blocks) {
        problem($_->{path}, $_->{line}, "no rule for \"$_->{language}\"");
    }
    my @c = joined(grep { $_->{language} eq 'c' } @blocks);
    $count{compiled} = @c;
    try_fragments($place, grep { !is_program($_->{text}) } @c);
    try_refused($place, grep { exists $_->{marks}{refused} } @c);
    my @programs = grep { is_program($_->{text}) } @c;
    push @programs, joined(grep { $_->{language} eq 'python' } @blocks);
    try_programs($place, \%count, \@blocks, @programs);
    try_plain($place, \%count, @blocks);
    try_inline($place, \%count, documents($root));
    try_builds($place, \%count, @blocks);
    return (%count, missing => $place->{missing});
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}

# What goes on is a part of the block above it: both have to stand together, and
# each has its lines.
sub joined {
    my @joined;
    for my $block (@_) {
        if (exists $block->{marks}{'goes on'} && @joined
            && $joined[-1]{path} eq $block->{path}) {
            push @{$joined[-1]{parts}}, $block;
            $joined[-1]{text} .= $block->{text};
            next;
        }
        push @joined, {%$block, parts => [$block]};
    }
    return @joined;
}

sub write_file {
    my ($path, $text) = @_;
    open my $out, '>', $path or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
    return $path;
}

# The exit status of a command, and what it printed, both kinds. A program that
# hangs is ended by the clock of whoever runs us.
sub output_of {
    my ($directory, @command) = @_;
    my $pid = open my $from, '-|';
    die "fork: $!\n" if !defined $pid;
    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        open STDIN, '<', '/dev/null';
        chdir $directory or exit 126;
        exec @command or exit 127;
    }
    local $/;
    my $output = <$from> // '';
    close $from;
    return ($?, $output);
}

# Each error of the compiler with the line of the document.
sub report_errors {
    my ($output, $block) = @_;
    my $found;
    while ($output =~ /^([^\s:]+):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/mg) {
        problem($1, $2, $3);
        $found = 1;
    }
    problem($block->{path}, $block->{line}, "does not compile: $output")
        if !$found;
}

# compile PLACE, FILE, OPTION...: status and output
sub compile {
    my ($place, $file, @options) = @_;
    return output_of('/', $place->{cc}, @STRICT, '-I', "$place->{root}/include",
        '-I', "$place->{root}/tests/tools", $file, @options);
}

sub try_fragments {
    my ($place, @fragments) = @_;
    my @whole;
    for (grep { !exists $_->{marks}{refused} } @fragments) {
        is_closed($_->{text}) ? push @whole, $_
            : problem($_->{path}, $_->{line}, 'a bracket is open at its end');
    }
    return if !@whole;
    my $file = write_file("$place->{scratch}/fragments.c",
        fragments_file('given.h', @whole));
    my ($status, $output) = compile($place, $file, @LOOSE, '-fmax-errors=0',
        '-c', '-o', '/dev/null');
    report_errors($output, $whole[0]) if $status != 0;
}

sub try_refused {
    my ($place, @refused) = @_;
    for my $block (@refused) {
        my $text = is_program($block->{text}) ? $block->{text}
            : fragments_file('given.h', $block);
        my $file = write_file("$place->{scratch}/refused.c", $text);
        my ($status, $output) = compile($place, $file, @LOOSE, '-c', '-o',
            '/dev/null');
        my $words = $block->{marks}{refused};
        my @where = ($block->{path}, $block->{line});
        problem(@where, 'compiles, and is said to be refused') if !$status;
        my ($error) = $output =~ /error: (.*)/;
        problem(@where, "is refused, but not by \"$words\": $error")
            if $status && index($output, $words) < 0;
    }
}

# ---- Programs -------------------------------------------------------------

sub try_programs {
    my ($place, $count, $blocks, @programs) = @_;
    for my $program (grep { !exists $_->{marks}{refused} } @programs) {
        my @run = $program->{language} eq 'c' ? build_program($place, $program)
            : build_python($place, $program);
        next if !@run || exists $program->{marks}{'not run'}
            || exists $program->{marks}{wrong};
        my ($status, $output) = output_of($place->{scratch}, @run);
        $count->{run}++;
        my @where = ($program->{path}, $program->{line});
        problem(@where, "ended with status $status: $output") if $status != 0;
        my $said = output_below($program->{parts}[-1], @$blocks);
        problem($said->{path}, $said->{line}, "is not what it prints: $output")
            if $said && $said->{text} ne $output;
    }
}

# The block that says what is printed by the one above it, if there is one
# before the next program of that language.
sub output_below {
    my ($last, @blocks) = @_;
    my @below = grep { $_->{path} eq $last->{path}
        && $_->{line} > $last->{line} } @blocks;
    for (@below) {
        return $_ if exists $_->{marks}{output};
        return if $_->{language} eq $last->{language};
    }
    return;
}

sub build_program {
    my ($place, $block) = @_;
    my $path = "$place->{scratch}/program";
    write_file("$path.c", join '', map { "#line $_->{line} \"$_->{path}\"\n"
        . $_->{text} } @{$block->{parts}});
    my @libraries = map { "-l$_" } grep { -e "$place->{build}/lib$_.so" }
        qw(fermata-http fermata-tls fermata);
    my ($status, $output) = compile($place, "$path.c", '-o', $path, '-pthread',
        "-L$place->{build}", "-Wl,-rpath,$place->{build}", @libraries);
    return $path if $status == 0;
    report_errors($output, $block);
    return;
}

# Compiled in any case, so that one that is not run is Python at least.
sub build_python {
    my ($place, $block) = @_;
    my $path = write_file("$place->{scratch}/program.py", $block->{text});
    my ($status, $output) = output_of($place->{scratch}, 'python3', '-c',
        'import ast, sys; ast.parse(open(sys.argv[1]).read())', $path);
    problem($block->{path}, $block->{line}, "is no Python: $output") if $status;
    return !$status && $block->{text} =~ /asyncio\.run\(/ ? ('python3', $path)
        : ();
}

# ---- Commands and what was printed ---------------------------------------

sub try_plain {
    my ($place, $count, @blocks) = @_;
    my $printed = read_printed($place->{root});
    for my $block (@blocks) {
        next if $block->{language} !~ /^(?:sh|)$/
            || exists $block->{marks}{output};
        if ($block->{language} eq 'sh' || is_command($block->{text})) {
            $count->{commands}++;
            check_commands($place->{root}, $block);
            next;
        }
        $count->{output}++;
        my $page = slurp("$place->{root}/$block->{path}");
        problem($block->{path}, $block->{line}, "nothing here prints: $_")
            for unprinted($printed, $page, $block->{text});
    }
}

# In a sentence a command may be about to be completed by its reader: what it
# takes stands in capitals or brackets, which no check minds.
sub try_inline {
    my ($place, $count, @paths) = @_;
    for (map { inline_code($place->{root}, $_) } @paths) {
        next if $_->{planned} || $_->{text}
            !~ m{^(?:\./go|fermata|tools/\w+) |^build/\w+/(?:bin|examples)/};
        $count->{commands}++;
        check_commands($place->{root}, $_);
    }
}

# ---- make and cmake -------------------------------------------------------

my $PROGRAM = <<'END';
#include <fermata.h>
static int nap(void *arg) { return (void)arg, fm_sleep(0); }
int main(void) { return fm_run(nap, NULL) < 0; }
END

my %BUILD = (
    make => ['Makefile', ['make']],
    cmake => ['CMakeLists.txt', ['cmake', '-S', '.', '-B', 'build'],
        ['cmake', '--build', 'build']],
);

# Against what is installed of this build, and with what the page has readers
# save. Returns how many were built, and which program that needs is not here.
sub try_builds {
    my ($place, $count, @blocks) = @_;
    my @builds = grep { $BUILD{$_->{language}} } @blocks;
    return if !@builds;
    my $there = "$place->{scratch}/there";
    # It makes the manual first, in the build: one at a time.
    my ($status, $output) = output_of("/", "flock",
        "$place->{build}/installing",
        'cmake', '--install', $place->{build}, '--prefix', $there);
    return problem('CMakeLists.txt', 1, 'does not install: '
        . join "\n", grep { !/^-- / } split /\n/, $output) if $status;
    my ($libraries) = grep { -d } glob("$there/lib/pkgconfig"),
        glob("$there/lib*/*/pkgconfig");
    local $ENV{PKG_CONFIG_PATH} = $libraries;
    local $ENV{CMAKE_PREFIX_PATH} = $there;
    local $ENV{CC} = $place->{cc};
    for (@builds) {
        my $page = $_->{path};
        try_build($place, $count, $_, grep { $_->{path} eq $page
            && exists $_->{marks}{file} } @blocks);
    }
}

sub try_build {
    my ($place, $count, $block, @files) = @_;
    my $directory = "$place->{scratch}/built" . ++$count->{built};
    my ($name, @commands) = @{$BUILD{$block->{language}}};
    mkdir $directory or die "$directory: $!\n";
    write_file("$directory/program.c", $PROGRAM);
    write_file("$directory/$_->{marks}{file}", $_->{text}) for @files;
    write_file("$directory/$name", completed($block));
    for my $command (@commands) {
        my ($status, $output) = output_of($directory, @$command);
        next if $status == 0;
        return $place->{missing}{$command->[0]} = 1 if $status >> 8 == 127;
        return problem($block->{path}, $block->{line}, "@$command: $output");
    }
}

# What a reader adds to a few lines for a program of one file.
sub completed {
    my ($block) = @_;
    my $text = $block->{text};
    return $text =~ /^[\w.\/-]+:/m ? $text : "all: program\n$text"
        if $block->{language} eq 'make';
    return $text if $text =~ /^project\(/m;
    return "cmake_minimum_required(VERSION 3.16)\nproject(program C)\n"
        . "add_executable(program program.c)\n$text";
}

1;
